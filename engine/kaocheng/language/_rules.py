"""The rules of one version, put in the order of what they read and built level by level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, field, frozen

from kaocheng.diagnostics import Diagnostic, Diagnostics, Label, Span
from kaocheng.language import codes
from kaocheng.language._clauses import check_clause
from kaocheng.language._drafts import Draft, circle
from kaocheng.language._names import taken
from kaocheng.language.cel import FrontEnd
from kaocheng.language.cel.codes import UNKNOWN_FIELD
from kaocheng.language.documents import Document
from kaocheng.language.ruleset import RuleText
from kaocheng.language.schema import Relation, Schema
from kaocheng.language.sections import BuiltRule, Scope, Setting, rule_text
from kaocheng.language.shapes import Record, unknown_key
from kaocheng.plan.properties import Property


@frozen(kw_only=True)
class RulesRead:
    """All rules of a version, built, in the order of what they read.

    For each rule as written, `places` says where its id stands, `reads` which others it
    reads, and `gives` which relations came of it.
    """

    rules: tuple[BuiltRule, ...]
    texts: Mapping[str, RuleText]
    schema: Schema
    properties: tuple[Property, ...] = ()
    places: Mapping[str, Span] = field(factory=dict)
    reads: Mapping[str, frozenset[str]] = field(factory=dict)
    gives: Mapping[str, tuple[str, ...]] = field(factory=dict)


def build_rules(
    drafts: Sequence[Draft], schema: Schema, setting: Setting, diagnostics: Diagnostics
) -> RulesRead:
    """Every rule as relations and pipelines; the schema grows level by level."""
    builder = _Builder(schema, setting, diagnostics)
    waiting = {draft.id: draft for draft in drafts}
    done: set[str] = set()
    while waiting:
        ready = [d for d in waiting.values() if d.needs <= done and d.mentions <= done]
        ready = ready or builder.possible(waiting.values(), done)
        if not ready:
            _report_circle(waiting, diagnostics)
            break
        builder.build(ready, done)
        done |= {draft.id for draft in ready}
        for draft in ready:
            del waiting[draft.id]
    return builder.read()


def _report_circle(waiting: Mapping[str, Draft], diagnostics: Diagnostics) -> None:
    names = circle({name: draft.needs | draft.mentions for name, draft in waiting.items()})
    report_circle({name: waiting[name].fields.at("id") for name in names}, diagnostics)


def report_circle(places: Mapping[str, Span], diagnostics: Diagnostics) -> None:
    """Report rules that read each other in a circle, with the place of each."""
    names = list(places)
    labels = tuple(
        Label(places[name], f"`{name}` stands here", f"`{name}` 在此") for name in names[1:]
    )
    members = " → ".join(f"`{name}`" for name in (*names, names[0]))
    diagnostics.add(codes.CYCLE, places[names[0]], labels=labels, members=members)


class _Builder:
    """Builds rules over a schema that grows by what they give."""

    def __init__(self, schema: Schema, setting: Setting, diagnostics: Diagnostics) -> None:
        self._schema = schema
        self._base = frozenset(schema.relations)
        self._setting = setting
        self._diagnostics = diagnostics
        self._rules: list[BuiltRule] = []
        self._properties: list[Property] = []
        self._texts: dict[str, RuleText] = {}
        self._places: dict[str, Span] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._gives: dict[str, tuple[str, ...]] = {}

    def read(self) -> RulesRead:
        """What has been built."""
        return RulesRead(
            rules=tuple(self._rules),
            texts=self._texts,
            schema=self._schema,
            properties=tuple(self._properties),
            places=self._places,
            reads=self._reads,
            gives=self._gives,
        )

    def possible(self, waiting: Iterable[Draft], done: set[str]) -> list[Draft]:
        """A rule that can be built although it mentions names of rules that are not built yet.

        Then those are names of columns as well, and it is the columns that it reads.
        """
        front_end = FrontEnd(self._schema)
        for draft in waiting:
            if draft.needs <= done:
                found = Diagnostics()
                self._build(draft, front_end, found)
                if not found.errors:
                    return [draft]
        return []

    def build(self, level: Sequence[Draft], done: set[str]) -> None:
        """Rules that read only rules that are built."""
        front_end = FrontEnd(self._schema)
        built: list[tuple[Draft, BuiltRule]] = []
        for draft in level:
            found = Diagnostics()
            items = self._build(draft, front_end, found)
            self._diagnostics.extend(_self_reading(draft, item) for item in found)
            rules = [item for item in items if isinstance(item, BuiltRule)]
            self._properties += [item for item in items if isinstance(item, Property)]
            self._texts[draft.id] = rule_text(
                draft.fields, draft.section.name, cite=self._setting.cite
            )
            self._reads[draft.id] = draft.needs | (draft.mentions & done)
            self._gives[draft.id] = tuple(rule.id for rule in rules)
            span = self._places[draft.id] = draft.fields.at("id")
            check_clause(draft.id, draft.fields, span, self._diagnostics)
            built += [(draft, rule) for rule in rules]
        self._rules += [rule for _, rule in built]
        self._grow(built)

    def _build(
        self, draft: Draft, front_end: FrontEnd, diagnostics: Diagnostics
    ) -> Sequence[BuiltRule | Property]:
        scope = Scope(
            section=draft.section.name,
            schema=self._schema,
            front_end=front_end,
            setting=self._setting,
            diagnostics=diagnostics,
        )
        return draft.section.build(draft.fields, scope)

    def _grow(self, built: Iterable[tuple[Draft, BuiltRule]]) -> None:
        """Take over the relations and links that rules add."""
        relations = dict(self._schema.relations)
        for draft, rule in built:
            is_claimed = rule.relation.name == draft.id and draft.id in self._base
            if rule.relation.name in relations and not is_claimed:
                what = ("what another rule gives", "另一规则的结果")
                taken(rule.relation.name, draft.fields.at("id"), what, self._diagnostics)
            relations[rule.relation.name] = rule.relation
        for draft, rule in built:
            self._link(draft, rule, relations)
        self._schema = evolve(self._schema, relations=relations)

    def _link(self, draft: Draft, rule: BuiltRule, relations: dict[str, Relation]) -> None:
        for name, link in rule.links:
            relation = relations.get(name)
            if relation is None:
                continue
            if link.name in relation.columns or relation.links.get(link.name, link) != link:
                what = (f"a field of `{name}`", f" `{name}` 的项")
                taken(link.name, draft.fields.at("id"), what, self._diagnostics)
            else:
                relations[name] = evolve(relation, links={**relation.links, link.name: link})


def _self_reading(draft: Draft, item: Diagnostic) -> Diagnostic:
    """A rule that reads itself is told so, and not that there is no such rule."""
    if item.code is UNKNOWN_FIELD and item.values.get("seen") == draft.id:
        return Diagnostic(codes.SELF_READING, item.span, {"id": draft.id})
    return item


def check_sections(
    document: Document, head: Record, known: Iterable[str], diagnostics: Diagnostics
) -> None:
    """Report top-level keys that nothing reads."""
    sections = tuple(known)
    names = {*(key.name for key in head.keys), *sections}
    for entry in document.root.entries:
        if entry.key.text not in names:
            unknown_key(entry.key, head, diagnostics, known=sections)
