"""Kinds over all versions of a ruleset, whose cases live longer than a version.

The rows of a kind have the fields, lists and spells that any version declares. What they
take from events is said by one version at a time: by its own declarations, and where it has
none of that name, by those of the latest version that has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from attrs import evolve

from kaocheng.language.kinds import declared_events, takes_any_event
from kaocheng.language.ruleset import EventList, Kind, Ruleset, Spell
from kaocheng.language.types import Enum


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Named = TypeVar("_Named", bound=_HasName)
_Item = TypeVar("_Item", EventList, Spell)


def merged_kinds(ruleset: Ruleset) -> Mapping[str, Kind]:
    """The kinds of all versions: a later declaration counts, what only an earlier has stays."""
    kinds: dict[str, Kind] = {}
    for version in ruleset.versions:
        for name, kind in version.kinds.items():
            kinds[name] = _over(kinds.get(name, kind), kind)
    return kinds


def kind_under(merged: Kind, own: Kind | None) -> Kind:
    """The kind with the columns of all versions, as one version declares it."""
    if own is None:
        return merged
    found = _over(merged, own)
    # The columns stand in the same order under every version.
    return evolve(
        found,
        fields=_in_order(merged.fields, found.fields),
        lists=_in_order(merged.lists, found.lists),
        spells=_in_order(merged.spells, found.spells),
    )


def _over(before: Kind, kind: Kind) -> Kind:
    return evolve(
        kind,
        fields=_both(before.fields, kind.fields),
        lists=_with_fields(before.lists, kind.lists),
        spells=_with_fields(before.spells, kind.spells),
    )


def _both(before: Sequence[_Named], after: Sequence[_Named]) -> tuple[_Named, ...]:
    """What a later version declares, after what only an earlier one does."""
    own = {item.name for item in after}
    earlier = [item for item in before if item.name not in own]
    return (*earlier, *after)


def _with_fields(before: Sequence[_Item], after: Sequence[_Item]) -> tuple[_Item, ...]:
    """The same of lists and spells, which also keep the fields that only an earlier one has."""
    known = {item.name: item for item in before}
    grown = [
        evolve(item, fields=_both(known[item.name].fields, item.fields))
        if item.name in known
        else item
        for item in after
    ]
    return _both(before, grown)


def _in_order(merged: Sequence[_Named], found: Sequence[_Named]) -> tuple[_Named, ...]:
    by_name = {item.name: item for item in found}
    return tuple(by_name[item.name] for item in merged)


# What some version declares.


def events_of(ruleset: Ruleset, kind: str) -> set[str]:
    """Every event that some version names for the kind."""
    return {event for own in _declared(ruleset, kind) for event in declared_events(own)}


def takes_anything(ruleset: Ruleset, kind: str) -> bool:
    """Whether under some version events that it does not name may carry data of the kind."""
    return any(takes_any_event(own) for own in _declared(ruleset, kind))


def states_of(ruleset: Ruleset, kind: str) -> tuple[str, ...]:
    """Every state that some version has; none where no version gives the kind a lifecycle."""
    type_ = ruleset.plan.relations[kind].columns.get("state")
    return type_.values if isinstance(type_, Enum) else ()


def _declared(ruleset: Ruleset, kind: str) -> list[Kind]:
    return [v.kinds[kind] for v in ruleset.versions if kind in v.kinds]
