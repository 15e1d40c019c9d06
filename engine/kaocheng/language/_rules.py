"""The rules of one version: found, put in the order of what they read, and built level by level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from kaocheng.diagnostics import Diagnostics, Label, nearest
from kaocheng.language import codes
from kaocheng.language.cel import FrontEnd
from kaocheng.language.documents import Document
from kaocheng.language.ruleset import RuleText
from kaocheng.language.schema import Schema
from kaocheng.language.sections import BuiltRule, Scope, Section, Setting, rule_text, source_of
from kaocheng.language.shapes import Fields, read
from kaocheng.plan.properties import Property
from kaocheng.syntax import Mapping as MappingNode
from kaocheng.syntax import Node, Scalar
from kaocheng.syntax import Sequence as SequenceNode

_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_READINGS = re.compile(r"\.\s*([a-z_][a-z0-9_]*)")


@frozen(kw_only=True)
class Draft:
    """A rule as written: its section, its fields, and the rules and collections it reads."""

    section: Section
    fields: Fields
    reads: frozenset[str]

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.fields.text("id")


@frozen(kw_only=True)
class RulesRead:
    """All rules of a version, built, in the order of what they read."""

    rules: tuple[BuiltRule, ...]
    texts: Mapping[str, RuleText]
    schema: Schema
    properties: tuple[Property, ...] = ()


def draft_rules(
    document: Document, sections: Sequence[Section], diagnostics: Diagnostics
) -> tuple[Draft, ...]:
    """Every rule of the document, structurally checked."""
    raw = [
        (section, fields)
        for section in sections
        for fields in _section_fields(document, section, diagnostics)
    ]
    ids = {fields.text("id") for _, fields in raw}
    names = ids | {name for section in sections for name in section.collections}
    drafts: dict[str, Draft] = {}
    for section, fields in raw:
        name = fields.text("id")
        if not name:
            continue
        if name in drafts:
            first = drafts[name].fields.at("id")
            label = Label(first, f"`{name}` is declared here first", f"`{name}` 首次声明于此")
            diagnostics.add(codes.DUPLICATE_ID, fields.at("id"), labels=(label,), id=name)
            continue
        reads = _reads(fields, names) | frozenset(section.reads)
        drafts[name] = Draft(section=section, fields=fields, reads=reads - {name})
    return tuple(drafts.values())


def _section_fields(
    document: Document, section: Section, diagnostics: Diagnostics
) -> Iterable[Fields]:
    node = document.node(section.name)
    if node is None:
        return
    if not isinstance(node, SequenceNode):
        diagnostics.add(
            codes.WRONG_SHAPE,
            node.span,
            key=section.name,
            wanted="a list",
            wanted_zh="清单",
            seen="something else",
            seen_zh="其他形式",
        )
        return
    for item in node.items:
        fields = read(section.shape, item, diagnostics, key=section.name)
        if isinstance(fields, Fields):
            yield fields


def _reads(fields: Fields, names: set[str]) -> frozenset[str]:
    found: set[str] = set()
    for node in fields.nodes.values():
        for scalar in _scalars(node):
            found |= set(_READINGS.findall(_STRINGS.sub("''", scalar.text)))
    runs_over = fields.get("for")
    for text in runs_over if isinstance(runs_over, tuple) else (runs_over,):
        found.add((source_of(str(text)) or "").partition(".")[0])
    return frozenset(found & names)


def _scalars(node: Node) -> Iterable[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            yield from _scalars(entry.value)


def levels(drafts: Sequence[Draft], diagnostics: Diagnostics) -> list[list[Draft]]:
    """Rules grouped so that each reads only earlier groups; members of a circle are reported."""
    writers: dict[str, set[str]] = {draft.id: {draft.id} for draft in drafts}
    for draft in drafts:
        for name in (draft.section.name, *draft.section.collections):
            writers.setdefault(name, set()).add(draft.id)
    waiting = {
        draft.id: set().union(*(writers.get(r, set()) for r in draft.reads)) - {draft.id}
        for draft in drafts
    }
    by_id = {draft.id: draft for draft in drafts}
    ordered: list[list[Draft]] = []
    done: set[str] = set()
    while waiting:
        ready = [name for name, needs in waiting.items() if needs <= done]
        if not ready:
            _report_circle(waiting, by_id, diagnostics)
            return ordered
        ordered.append([by_id[name] for name in ready])
        done |= set(ready)
        for name in ready:
            del waiting[name]
    return ordered


def _report_circle(
    waiting: Mapping[str, set[str]], by_id: Mapping[str, Draft], diagnostics: Diagnostics
) -> None:
    path = [min(waiting)]
    following = min(waiting[path[-1]] & set(waiting))
    while following not in path:
        path.append(following)
        following = min(waiting[path[-1]] & set(waiting))
    circle = path[path.index(following) :]
    labels = tuple(
        Label(by_id[name].fields.span, f"`{name}` stands here", f"`{name}` 在此")
        for name in circle[1:]
    )
    members = ", ".join(f"`{name}`" for name in circle)
    diagnostics.add(codes.CYCLE, by_id[circle[0]].fields.span, labels=labels, members=members)


def build_rules(
    drafts: Sequence[Draft], schema: Schema, setting: Setting, diagnostics: Diagnostics
) -> RulesRead:
    """Every rule as relations and pipelines; the schema grows level by level."""
    rules: list[BuiltRule] = []
    properties: list[Property] = []
    texts: dict[str, RuleText] = {}
    for level in levels(drafts, diagnostics):
        front_end = FrontEnd(schema)
        built: list[BuiltRule] = []
        for draft in level:
            scope = Scope(
                section=draft.section.name,
                schema=schema,
                front_end=front_end,
                setting=setting,
                diagnostics=diagnostics,
            )
            for item in draft.section.build(draft.fields, scope):
                built.append(item) if isinstance(item, BuiltRule) else properties.append(item)
            texts[draft.id] = rule_text(draft.fields, draft.section.name, cite=setting.cite)
            _check_clause(draft, texts[draft.id], diagnostics)
        schema = grow(schema, built)
        rules.extend(built)
    return RulesRead(rules=tuple(rules), texts=texts, schema=schema, properties=tuple(properties))


def _check_clause(draft: Draft, text: RuleText, diagnostics: Diagnostics) -> None:
    if not text.clause and not text.assumed:
        diagnostics.add(codes.NO_CLAUSE, draft.fields.at("id"), id=draft.id)


def grow(schema: Schema, built: Iterable[BuiltRule]) -> Schema:
    """The schema with the relations and links that rules add."""
    relations = dict(schema.relations)
    for rule in built:
        relations[rule.relation.name] = rule.relation
        for name, link in rule.links:
            relation = relations.get(name)
            if relation is not None and link.name not in relation.columns:
                relations[name] = evolve(relation, links={**relation.links, link.name: link})
    return evolve(schema, relations=relations)


def unknown_sections(document: Document, known: Sequence[str], diagnostics: Diagnostics) -> None:
    """Report top-level keys that nothing reads."""
    for entry in document.root.entries:
        name = entry.key.text
        if name not in known:
            diagnostics.add(
                codes.UNKNOWN_KEY,
                entry.key.span,
                seen=name,
                place="the ruleset",
                suggestion=nearest(name, known),
                known=", ".join(f"`{k}`" for k in known),
            )
