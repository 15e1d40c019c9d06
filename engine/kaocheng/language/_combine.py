"""Versions put together: one plan in which every rule knows its text in each version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from kaocheng.calendars.editions import Edition
from kaocheng.diagnostics import Diagnostics
from kaocheng.language._drafts import circle
from kaocheng.language._editions import editions_for
from kaocheng.language._header import closed_windows
from kaocheng.language._rules import report_circle
from kaocheng.language._union import relations_of
from kaocheng.language.codec import canonical
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
    relations = relations_of(reads, diagnostics)
    plan = Plan(
        ruleset=reads[0].header.ruleset,
        versions=tuple(_facts(r, w, editions) for r, w in zip(reads, windows, strict=True)),
        relations=relations,
        rules=_rules(reads, relations, diagnostics),
        editions=editions,
    )
    versions = tuple(
        _version(read, window, index, plan, editions)
        for index, (read, window) in enumerate(zip(reads, windows, strict=True))
    )
    return Ruleset(
        name=plan.ruleset,
        versions=versions,
        plan=plan,
        folder=folder,
        editions=editions,
        properties=reads[-1].rules.properties,
    )


def _facts(read: VersionRead, window: Window, editions: Mapping[str, Edition]) -> VersionFacts:
    """What evaluators need; a calendar that no rule counts by has no edition, and is none."""
    calendar = read.header.edition
    return VersionFacts(
        name=read.header.version,
        window=window,
        parameters=read.parameters,
        tables=read.tables,
        zone=read.header.zone,
        calendar=calendar if calendar in editions else None,
    )


def _rules(
    reads: Sequence[VersionRead], relations: Mapping[str, Relation], diagnostics: Diagnostics
) -> tuple[RulePlan, ...]:
    built: dict[str, BuiltRule] = {}
    variants: dict[str, dict[int, Pipeline]] = {}
    for index, read in enumerate(reads):
        for rule in read.rules.rules:
            built.setdefault(rule.id, rule)
            if rule.pipeline is not None:
                variants.setdefault(rule.id, {})[index] = rule.pipeline
    return tuple(
        RulePlan(
            id=name,
            section=built[name].section,
            relation=relations[built[name].relation.name],
            variants=variants.get(name, {}),
            collection=built[name].collection,
        )
        for name in _order(reads, diagnostics)
    )


def _order(reads: Sequence[VersionRead], diagnostics: Diagnostics) -> Iterator[str]:
    """The rules of all versions, each after what it reads in any of them."""
    needs: dict[str, set[str]] = {}
    gives: dict[str, dict[str, None]] = {}
    for read in reads:
        for name, read_names in read.rules.reads.items():
            needs.setdefault(name, set()).update(read_names)
            gives.setdefault(name, {}).update(dict.fromkeys(read.rules.gives[name]))
    done: set[str] = set()
    while needs:
        ready = [name for name, before in needs.items() if before <= done]
        if not ready:
            _report_circle(reads, needs, diagnostics)
            return
        done |= set(ready)
        for name in ready:
            del needs[name]
            yield from gives[name]


def _report_circle(
    reads: Sequence[VersionRead], needs: Mapping[str, set[str]], diagnostics: Diagnostics
) -> None:
    """Report rules that read each other, one in one version and one in another."""
    places = {name: place for read in reads for name, place in read.rules.places.items()}
    report_circle({name: places[name] for name in circle(needs)}, diagnostics)


def _version(
    read: VersionRead, window: Window, index: int, plan: Plan, editions: Mapping[str, Edition]
) -> Version:
    header = read.header
    version = Version(
        name=header.version,
        titles=header.titles,
        window=window,
        zone=header.zone,
        calendar=header.edition,
        kinds=read.kinds,
        rules=read.rules.texts,
        figures=read.figures,
        cite=header.cite,
        periods=read.periods,
        parameters=read.parameters,
        parameter_types=read.base.parameters,
        tables=read.tables,
        inputs=read.inputs,
    )
    rules = {rule.id: rule.variants[index] for rule in plan.rules if index in rule.variants}
    edition = editions.get(header.edition or "")
    # As it was declared: a later version that ends this one does not change what it says.
    declared = evolve(version, window=header.window)
    named = {name: text.findings for name, text in version.rules.items() if text.findings}
    return evolve(version, hash=_hash([declared, rules, edition, *([named] if named else [])]))


def _hash(values: object) -> str:
    return hashlib.sha256(canonical(values).encode()).hexdigest()
