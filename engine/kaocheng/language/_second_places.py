"""The second place of a contradiction: where that stands which a diagnostic is at odds with.

A value that no unit can have is at odds with the field that lists the values, a reading of a tally
with the tally, a call with the table. Whoever finds the mistake sees the type or the name and not
where it was declared; so the places are looked up here, once a version has been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from kaocheng.diagnostics import Diagnostic, Label, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language.cel import codes as cel_codes
from kaocheng.language.documents import Document
from kaocheng.language.schema import Relation
from kaocheng.syntax import Entry
from kaocheng.syntax import Mapping as MappingNode

# Under which keys of a kind fields stand: its own, and those of its lists and spells.
_PARTS = ("lists", "spells")
_VALUES = ("one_of", "ordered")


def with_second_places(
    found: Iterable[Diagnostic],
    document: Document,
    rules: Mapping[str, Span],
    relations: Mapping[str, Relation],
) -> Iterator[Diagnostic]:
    """The diagnostics, with the places that they are at odds with; `rules` are the ids' places."""
    for item in found:
        if item.labels:
            yield item
        elif item.code in {cel_codes.UNKNOWN_VALUE, codes.UNKNOWN_CHOICE}:
            yield _labelled(item, _values_of(document, item.values.get("key", "")))
        elif item.code is declaration_codes.MISSING_ROW:
            yield _labelled(item, _values_of(document, item.values.get("column", "")))
        elif item.code is cel_codes.ARGUMENT_TYPE:
            yield _labelled(item, _table(document, item.values["function"]))
        elif item.code is cel_codes.UNKNOWN_FIELD:
            yield _unknown_field(item, document, rules, relations)
        elif item.code is codes.UNKNOWN_RELATION:
            yield _unknown_relation(item, rules)
        else:
            yield item


def _labelled(item: Diagnostic, label: Label | None) -> Diagnostic:
    return item if label is None else evolve(item, labels=(label,))


def _values_of(document: Document, path: str) -> Label | None:
    """Where the values of a kind's field are listed, for a path such as `unit.class`."""
    kind, *names = path.split(".")
    entry = _entry(_entry(document.root, "kinds"), kind)
    field = next((f for f in _fields(entry, names) if f is not None), None)
    listed = next((v for key in _VALUES if (v := _entry(field, key)) is not None), None)
    if listed is None:
        return None
    return Label(listed.value.span, f"the values of `{path}`", f"`{path}` 的可用值")


def _fields(kind: Entry | None, names: list[str]) -> Iterator[Entry | None]:
    """The fields of that name: the kind's own, or those of a list or spell of it."""
    match names:
        case [name]:
            yield _entry(_entry(kind, "fields"), name)
        case [part, name]:
            for key in _PARTS:
                yield _entry(_entry(_entry(_entry(kind, key), part), "fields"), name)
        case _:
            return


def _table(document: Document, name: str) -> Label | None:
    """Where a table is declared."""
    entry = _entry(_entry(document.root, "tables"), name)
    if entry is None:
        return None
    return Label(entry.key.span, f"`{name}` is declared here", f"`{name}` 在此声明")


def _unknown_field(
    item: Diagnostic,
    document: Document,
    rules: Mapping[str, Span],
    relations: Mapping[str, Relation],
) -> Diagnostic:
    """A tally that the row does not have: where one of that name stands, or where the row does."""
    seen, owner = item.values["seen"], item.values["owner"]
    if seen in rules:
        owners = [f"`{name}`" for name, there in relations.items() if seen in there.links]
        return _labelled(item, _rule(seen, rules, owners))
    near = nearest(seen, rules) if item.suggestion is None else None
    if near is not None:
        return evolve(item, suggestion=near, labels=(_rule(near, rules),))
    kind, per, _ = owner.partition(" per ")
    if owner in rules:
        return _labelled(item, _rule(owner, rules))
    entry = _entry(_entry(document.root, "kinds"), kind) if per else None
    if entry is None:
        return item
    words = (f"`{kind}` is declared here", f"`{kind}` 在此声明")
    return _labelled(item, Label(entry.key.span, *words))


def _unknown_relation(item: Diagnostic, rules: Mapping[str, Span]) -> Diagnostic:
    """A rule that is called so and gives no rows, or one that is called nearly so."""
    seen = item.values["seen"]
    if seen in rules:
        words = (f"`{seen}` stands here and gives no rows", f"`{seen}` 在此，但不产生可供适用的行")
        return _labelled(item, Label(rules[seen], *words))
    known = [name for name in (item.suggestion,) if name is not None]
    near = nearest(seen, [*rules, *known])
    if near is None or near not in rules:
        return item
    return evolve(item, suggestion=near, labels=(_rule(near, rules),))


def _rule(name: str, rules: Mapping[str, Span], owners: Iterable[str] = ()) -> Label:
    """Where a rule stands, and what reads it by its name."""
    en, zh = f"`{name}` stands here", f"`{name}` 在此"
    if owners := list(owners):
        en, zh = f"{en} and is a field of {', '.join(owners)}", f"{zh}，属于 {'、'.join(owners)}"
    return Label(rules[name], en, zh)


# The document as written ----------------------------------------------------------------------


def _entry(node: MappingNode | Entry | None, key: str) -> Entry | None:
    """What stands under a key."""
    inside = node.value if isinstance(node, Entry) else node
    entries = inside.entries if isinstance(inside, MappingNode) else ()
    return next((entry for entry in entries if entry.key.text == key), None)
