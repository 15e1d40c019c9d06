"""Base relations of a version: kinds with their lists and spells, the roll, declared relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, frozen

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language._names import Names
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import Kind
from kaocheng.language.schema import PERIOD_COLUMNS, Link, Relation
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Identifier,
    Key,
    Record,
    listed,
    listed_items,
    read,
)
from kaocheng.language.types import STRING, ListOf, Reference, Type, is_time
from kaocheng.syntax import Node
from kaocheng.syntax.quoting import shown

RELATION = Record(
    "a relation",
    "关联",
    (
        Key("id", Identifier(), "its name on the parent", "在上级事项中的名称", required=True),
        Key("of", Identifier(), "the kind that has the children", "上级类别", required=True),
        Key("to", Identifier(), "the kind of the children", "下级类别", required=True),
        Key(
            "by",
            Identifier(),
            "the field of the child that names the parent",
            "下级中指明上级的项",
            required=True,
        ),
        Key(
            "at", Identifier(), "the child's time that places it in a period", "据以归入周期的时间"
        ),
        Key("title", TITLES, "what people call it", "名称"),
        Key(
            "replaces",
            Identifier(),
            "the relation of the extended version that this one replaces",
            "所替换的原关联",
        ),
    ),
)


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
    reader = _Reader(kinds, diagnostics)
    items = listed_items(node, diagnostics, key="relations")
    records = [read(RELATION, item, diagnostics, key="relations", in_list=True) for item in items]
    found = [reader.relation(record) for record in records if isinstance(record, Fields)]
    return tuple(relation for relation in found if relation is not None)


class _Reader:
    """Reads relations between the kinds of one version."""

    def __init__(self, kinds: Mapping[str, Kind], diagnostics: Diagnostics) -> None:
        self._kinds = kinds
        self._diagnostics = diagnostics
        self._names = {kind.name: self._names_of(kind) for kind in kinds.values()}

    def relation(self, fields: Fields) -> DeclaredRelation | None:
        """One relation, or None after reporting."""
        parent, child = self._kind(fields, "of"), self._kind(fields, "to")
        if parent is None or child is None or not {"id", "by"} <= fields.values.keys():
            return None
        wanted = (f"a reference to `{parent.name}`", f"指向 `{parent.name}` 的项")
        of_parent = Reference(parent.name)
        is_named = self._field(fields, "by", child, wanted, lambda t: t == of_parent)
        at_time = ("a date or an instant", "日期或时刻")
        is_placed = "at" not in fields or self._field(fields, "at", child, at_time, is_time)
        names = self._names[parent.name]
        is_free = names.claim(fields.text("id"), fields.at("id"), ("a relation", "关联"))
        if not (is_named and is_placed and is_free):
            return None
        return DeclaredRelation(
            id=fields.text("id"),
            of=parent.name,
            to=child.name,
            by=fields.text("by"),
            at=fields.text("at") or None,
        )

    def _names_of(self, kind: Kind) -> Names:
        relation = kind_relations(kind, self._kinds)[kind.name]
        names = Names(self._diagnostics)
        names.reserve(relation.columns, (f"a field of `{kind.name}`", f" `{kind.name}` 的项"))
        what = (f"a list or spell of `{kind.name}`", f" `{kind.name}` 的清单或期间")
        names.reserve(relation.links, what)
        return names

    def _kind(self, fields: Fields, key: str) -> Kind | None:
        if key not in fields:
            return None
        return known_kind(fields.text(key), fields.at(key), self._kinds, self._diagnostics)

    def _field(
        self,
        fields: Fields,
        key: str,
        kind: Kind,
        wanted: tuple[str, str],
        fits: Callable[[Type], bool],
    ) -> bool:
        name, span = fields.text(key), fields.at(key)
        types = {fact.name: fact.type for fact in kind.fields}
        if name not in types:
            known = [n for n, type_ in types.items() if fits(type_)]
            hint = nearest(name, known)
            values = {"seen": name, "kind": kind.name, **listed(known or types)}
            self._diagnostics.add(codes.WRONG_FIELD, span, suggestion=hint, words=values)
            return False
        if not fits(types[name]):
            values = {"seen": name, "kind": kind.name, "type": str(types[name])}
            words = {"wanted": wanted[0], "wanted_zh": wanted[1]}
            self._diagnostics.add(declaration_codes.FIELD_TYPE, span, words={**values, **words})
            return False
        return True


def known_kind(
    name: str, span: Span, kinds: Mapping[str, Kind], diagnostics: Diagnostics
) -> Kind | None:
    """The kind of that name, or None after reporting."""
    kind = kinds.get(name)
    if kind is None:
        hint = nearest(name, kinds)
        values = {"seen": shown(name), **listed(kinds)}
        diagnostics.add(codes.UNKNOWN_KIND, span, suggestion=hint, words=values)
    return kind


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
