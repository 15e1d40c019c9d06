"""Versions put together: one plan in which every rule knows its text in each version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from kaocheng.calendars.editions import Edition
from kaocheng.diagnostics import Diagnostics, Label
from kaocheng.language import codes
from kaocheng.language._editions import editions_for
from kaocheng.language._header import closed_windows
from kaocheng.language.codec import encode_for_hash
from kaocheng.language.ruleset import Ruleset, Version
from kaocheng.language.schema import Relation
from kaocheng.language.sections import BuiltRule
from kaocheng.plan.algebra import Pipeline, Plan, RulePlan, VersionFacts, Window

if TYPE_CHECKING:
    from kaocheng.language.check import VersionRead


def combine(reads: Sequence[VersionRead], folder: str, diagnostics: Diagnostics) -> Ruleset:
    """One ruleset from its versions, ordered by when they are in force."""
    windows = closed_windows([read.header.window for read in reads])
    editions = editions_for(reads, diagnostics)
    rules = _rules(reads, diagnostics)
    plan = Plan(
        ruleset=reads[0].header.ruleset,
        versions=tuple(_facts(r, w, editions) for r, w in zip(reads, windows, strict=True)),
        relations=_relations(reads),
        rules=tuple(rules),
        editions=editions,
    )
    versions = tuple(
        _version(read, window, index, plan, editions)
        for index, (read, window) in enumerate(zip(reads, windows, strict=True))
    )
    properties = reads[-1].rules.properties
    return Ruleset(
        name=plan.ruleset,
        versions=versions,
        plan=plan,
        folder=folder,
        editions=editions,
        properties=properties,
    )


def _facts(read: VersionRead, window: Window, editions: Mapping[str, Edition]) -> VersionFacts:
    """What evaluators need; a calendar that no rule counts by has no edition, and is none."""
    calendar = read.header.calendar
    return VersionFacts(
        name=read.header.version,
        window=window,
        parameters=read.parameters,
        tables=read.tables,
        zone=read.header.zone,
        calendar=calendar if calendar in editions else None,
    )


def _relations(reads: Sequence[VersionRead]) -> dict[str, Relation]:
    relations: dict[str, Relation] = {}
    for read in reads:
        for name, relation in read.rules.schema.relations.items():
            known = relations.get(name, relation)
            relations[name] = evolve(
                relation,
                columns={**known.columns, **relation.columns},
                links={**known.links, **relation.links},
            )
    return relations


def _rules(reads: Sequence[VersionRead], diagnostics: Diagnostics) -> list[RulePlan]:
    variants: dict[str, dict[int, Pipeline]] = {}
    built: dict[str, tuple[int, BuiltRule]] = {}
    for index, read in enumerate(reads):
        for rule in read.rules.rules:
            if rule.id in built and built[rule.id][1].relation.columns != rule.relation.columns:
                _report_change(reads, built[rule.id][0], index, rule, diagnostics)
            built.setdefault(rule.id, (index, rule))
            if rule.pipeline is not None:
                variants.setdefault(rule.id, {})[index] = rule.pipeline
    return [
        RulePlan(
            id=name,
            section=built[name][1].section,
            relation=built[name][1].relation,
            variants=variants.get(name, {}),
            collection=built[name][1].collection,
        )
        for name in _order([[rule.id for rule in read.rules.rules] for read in reads])
    ]


def _report_change(
    reads: Sequence[VersionRead], first: int, second: int, rule: BuiltRule, diagnostics: Diagnostics
) -> None:
    before = reads[first].header
    label = Label(before.span, f"version `{before.version}`", f"版本 `{before.version}`")
    diagnostics.add(
        codes.SHAPE_CHANGES,
        reads[second].header.span,
        labels=(label,),
        id=rule.id,
        first=before.version,
        second=reads[second].header.version,
    )


def _order(lists: Sequence[Sequence[str]]) -> list[str]:
    """One order that keeps every version's own."""
    needs: dict[str, set[str]] = {}
    for names in lists:
        for index, name in enumerate(names):
            needs.setdefault(name, set()).update(names[max(0, index - 1) : index])
    ordered: list[str] = []
    while needs:
        ready = [name for name, before in needs.items() if before <= set(ordered)]
        ready = ready[:1] or list(needs)[:1]
        ordered.extend(ready)
        for name in ready:
            del needs[name]
    return ordered


def _version(
    read: VersionRead, window: Window, index: int, plan: Plan, editions: Mapping[str, Edition]
) -> Version:
    header = read.header
    version = Version(
        name=header.version,
        titles=header.titles,
        window=window,
        zone=header.zone,
        calendar=header.calendar,
        kinds=read.kinds,
        rules=read.rules.texts,
        cite=header.cite,
        periods=read.periods,
        parameters=read.parameters,
        tables=read.tables,
        inputs=read.inputs,
    )
    rules = {rule.id: rule.variants[index] for rule in plan.rules if index in rule.variants}
    edition = editions.get(header.calendar or "")
    return evolve(version, hash=_hash([version, rules, edition]))


def _hash(values: object) -> str:
    text = json.dumps(
        encode_for_hash(values), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()
