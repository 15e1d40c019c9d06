"""Base relations of a version: kinds with their lists and spells, the roll, declared relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language import codes
from kaocheng.language._values_reader import RELATION
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import Kind
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.shapes import Fields, read
from kaocheng.language.types import STRING, ListOf, Reference, is_time
from kaocheng.syntax import Node, Sequence


@frozen(kw_only=True)
class DeclaredRelation:
    """Children by an equal key: cases of `to` whose field `by` names a case of `of`."""

    id: str
    of: str
    to: str
    by: str
    at: str | None

    def link(self, *, on_roll: bool) -> Link:
        """The link on the parent kind, or on its roll, where the period limits it."""
        within = self.at if on_roll else None
        return Link(
            name=self.id, relation=self.to, on=(("case", self.by),), many=True, within=within
        )


def read_relations(
    node: Node | None, kinds: Mapping[str, Kind], diagnostics: Diagnostics
) -> tuple[DeclaredRelation, ...]:
    """The relations section."""
    found = []
    for item in node.items if isinstance(node, Sequence) else ():
        fields = read(RELATION, item, diagnostics, key="relations")
        if isinstance(fields, Fields) and all(k in fields for k in ("id", "of", "to", "by")):
            relation = _relation(fields, kinds, diagnostics)
            if relation is not None:
                found.append(relation)
    return tuple(found)


def _relation(
    fields: Fields, kinds: Mapping[str, Kind], diagnostics: Diagnostics
) -> DeclaredRelation | None:
    for key in ("of", "to"):
        if fields.text(key) not in kinds:
            diagnostics.add(
                codes.UNKNOWN_RELATION,
                fields.at(key),
                seen=fields.text(key),
                suggestion=nearest(fields.text(key), kinds),
            )
            return None
    child = kinds[fields.text("to")]
    facts = {fact.name: fact.type for fact in child.fields}
    references = [n for n, t in facts.items() if t == Reference(fields.text("of"))]
    times = [n for n, t in facts.items() if is_time(t)]
    if not _field(fields, "by", references, child.name, diagnostics):
        return None
    if "at" in fields and not _field(fields, "at", times, child.name, diagnostics):
        return None
    return DeclaredRelation(
        id=fields.text("id"),
        of=fields.text("of"),
        to=child.name,
        by=fields.text("by"),
        at=fields.text("at") or None,
    )


def _field(
    fields: Fields, key: str, known: Iterable[str], kind: str, diagnostics: Diagnostics
) -> bool:
    names = list(known)
    if fields.text(key) in names:
        return True
    diagnostics.add(
        codes.WRONG_FIELD,
        fields.at(key),
        seen=fields.text(key),
        kind=kind,
        suggestion=nearest(fields.text(key), names),
    )
    return False


def base_relations(
    kinds: Mapping[str, Kind],
    periods: Mapping[str, PeriodSpec],
    declared: Iterable[DeclaredRelation],
    collections: Mapping[str, Relation],
) -> dict[str, Relation]:
    """Every relation that exists before any rule."""
    relations: dict[str, Relation] = {"actor": actor_relation(kinds), **collections}
    for kind in kinds.values():
        relations |= kind_relations(kind, kinds)
    for kind in kinds.values():
        if kind.member is not None:
            relations |= {f"{kind.name} per {name}": roll_relation(kind, name) for name in periods}
    for item in declared:
        for name, relation in list(relations.items()):
            if name == item.of or name.startswith(f"{item.of} per "):
                link = item.link(on_roll=" per " in name)
                relations[name] = evolve(relation, links={**relation.links, link.name: link})
    return relations


def actor_relation(kinds: Mapping[str, Kind]) -> Relation:
    """Who acts, as guards see it."""
    person = Reference("person") if "person" in kinds else STRING
    unit = Reference("unit") if "unit" in kinds else STRING
    return Relation("actor", {"id": person, "unit": unit, "roles": ListOf(STRING)}, ("id",))


def roll_relation(kind: Kind, period: str) -> Relation:
    """The roll of a kind per period: the member, the period, and the member's fields then."""
    fields = {fact.name: fact.type for fact in kind.fields}
    columns = {"case": Reference(kind.name), **PERIOD_COLUMNS, **fields}
    links = {
        item.name: Link(
            name=item.name,
            relation=f"{kind.name}.{item.name}",
            on=(("case", "case"),),
            many=True,
            within="at",
        )
        for item in kind.lists
    }
    return Relation(f"{kind.name} per {period}", columns, ("case", "period"), links)
