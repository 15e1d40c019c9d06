"""The relations of all versions: what has one name must have one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language.schema import Relation
from kaocheng.language.shapes import listed
from kaocheng.language.types import Enum, ListOf, Type
from kaocheng.syntax import Mapping as MappingNode

if TYPE_CHECKING:
    from kaocheng.language.check import VersionRead

# Who acts is seen by guards alone, which belong to one version.
_OF_ONE_VERSION = ("actor",)


def relations_of(reads: Sequence[VersionRead], diagnostics: Diagnostics) -> Mapping[str, Relation]:
    """Every relation that some version has; those that do not fit together are reported."""
    found: dict[str, Relation] = {}
    first: dict[str, int] = {}
    for index, read in enumerate(reads):
        rules = {rule.relation.name for rule in read.rules.rules}
        for name, relation in read.rules.schema.relations.items():
            known = found.get(name)
            if known is None:
                found[name] = relation
                first[name] = index
                continue
            changed = tuple(_changes(known, relation, is_rule=name in rules))
            if changed and name not in _OF_ONE_VERSION:
                _report(reads, (first[name], index), name, changed, diagnostics)
            found[name] = _union(known, relation)
    return found


def _changes(known: Relation, relation: Relation, *, is_rule: bool) -> Iterator[str]:
    """The names that do not mean the same in both; a kind may have more of them in one."""
    for name, type_ in relation.columns.items():
        if name in known.columns and not _are_alike(known.columns[name], type_):
            yield name
    for name, link in relation.links.items():
        if known.links.get(name, link) != link:
            yield name
    if is_rule:
        yield from sorted(known.columns.keys() ^ relation.columns.keys())
        if known.key != relation.key:
            yield from relation.key
    elif known.dated != relation.dated:
        yield "dated"


def _are_alike(first: Type, second: Type) -> bool:
    """Whether values of both can stand in one column; the values of a name may grow and shrink."""
    if isinstance(first, ListOf) and isinstance(second, ListOf):
        return _are_alike(first.item, second.item)
    if isinstance(first, Enum) and isinstance(second, Enum):
        return (first.name, first.ordered) == (second.name, second.ordered)
    return first == second


def _union(known: Relation, relation: Relation) -> Relation:
    columns = dict(known.columns)
    for name, type_ in relation.columns.items():
        columns[name] = _joined(columns.get(name, type_), type_)
    links = {**known.links, **relation.links}
    return evolve(relation, columns=columns, links=links, key=known.key)


def _joined(known: Type, type_: Type) -> Type:
    """The later type, with the values that only the earlier one has behind its own."""
    if isinstance(known, ListOf) and isinstance(type_, ListOf):
        return ListOf(_joined(known.item, type_.item))
    if isinstance(known, Enum) and isinstance(type_, Enum):
        return evolve(type_, values=tuple(dict.fromkeys((*type_.values, *known.values))))
    return type_


def _report(
    reads: Sequence[VersionRead],
    versions: tuple[int, int],
    name: str,
    changed: Sequence[str],
    diagnostics: Diagnostics,
) -> None:
    before, after = reads[versions[0]], reads[versions[1]]
    version = before.header.version
    label = Label(_place(before, name), f"in version `{version}`", f"版本 `{version}` 中")
    diagnostics.add(
        declaration_codes.SHAPE_CHANGES,
        _place(after, name),
        labels=(label,),
        id=name,
        first=version,
        second=after.header.version,
        words=listed(dict.fromkeys(changed), "columns"),
    )


def _place(read: VersionRead, name: str) -> Span:
    """Where a version declares what gives the relation."""
    for rule, given in read.rules.gives.items():
        if name in given:
            return read.rules.places[rule]
    kinds = read.document.node("kinds")
    kind = name.partition(".")[0].partition(" per ")[0]
    for entry in kinds.entries if isinstance(kinds, MappingNode) else ():
        if entry.key.text == kind:
            return entry.key.span
    return read.header.span
