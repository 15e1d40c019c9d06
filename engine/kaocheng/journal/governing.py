"""Which version governs what of a history.

A case has the lifecycle of the version in force when it was opened, to its end. What an
event gives to fields, lists and spells is what the version in force when it happened says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from kaocheng.calendars.numberline import BEGINNING, DAY
from kaocheng.calendars.zones import Zone, build_zone, local_day, to_utc
from kaocheng.journal.known import Horizon, in_force, sequence_order
from kaocheng.journal.program import Era, KindProgram, compile_kind
from kaocheng.language.merged import events_of, kind_under, merged_kinds
from kaocheng.language.ruleset import Fact, Kind, Ruleset, Version
from kaocheng.model.events import Event


class Governing:
    """The kinds of a ruleset as its versions govern them, each compiled when it is needed."""

    def __init__(self, ruleset: Ruleset, zone: Zone) -> None:
        self.kinds: Mapping[str, Kind] = merged_kinds(ruleset)
        self._ruleset = ruleset
        self._zone = zone
        self._programs: dict[tuple[str, int], KindProgram] = {}
        self._changing = {name: self._changes(name) for name in self.kinds}

    @property
    def programs(self) -> Mapping[str, KindProgram]:
        """How the cases of each kind are folded that were opened under the last version."""
        last = len(self._ruleset.versions) - 1
        return {name: self.program(name, last) for name in self.kinds}

    def kind(self, name: str, version: int) -> Kind:
        """The kind with the columns of all versions, as that version declares it."""
        return kind_under(self.kinds[name], self._ruleset.versions[version].kinds.get(name))

    def program(self, name: str, version: int) -> KindProgram:
        """How the cases of a kind are folded that were opened under the version."""
        if not self._changing[name]:
            version = len(self._ruleset.versions) - 1
        known = self._programs.get((name, version))
        if known is None:
            known = self._programs[name, version] = self._compiled(name, version)
        return known

    def of_case(self, name: str, events: Iterable[Event], horizon: Horizon) -> KindProgram:
        """How a case with these events is folded."""
        version = self.opening(events, horizon) if self._changing[name] else 0
        return self.program(name, version or 0)

    def opening(self, events: Iterable[Event], horizon: Horizon) -> int | None:
        """The version in force when the case was opened: at its first event that counts."""
        given = sorted(events, key=sequence_order)
        kept, _ = in_force(given, horizon)
        first = (kept or given)[0]
        return self.opening_at(first.at, first.date)

    def opening_at(self, at: int | None, date: int | None) -> int | None:
        """The version that governs the lifecycle of a case that was opened then.

        Where it is not known when that was, the last version does; None is before the first.
        """
        versions = self._ruleset.versions
        if at is None and date is None:
            return len(versions) - 1
        for index, version in enumerate(versions):
            if _covers(version, at, date):
                return index
        return None

    def _changes(self, name: str) -> bool:
        """Whether the versions differ in what events do."""
        first, *others = (self.kind(name, v) for v in range(len(self._ruleset.versions)))
        return any(_does(kind) != _does(first) for kind in others)

    def _compiled(self, name: str, version: int) -> KindProgram:
        kind = self.kind(name, version)
        eras: list[Era] = []
        said: object = None
        for index, governing in enumerate(self._ruleset.versions):
            own = evolve(self.kind(name, index), lifecycle=kind.lifecycle)
            if _gives(own) != said:
                said = _gives(own)
                eras.append(Era(_begins(governing), self._program(own)))
        return self._program(kind, eras if len(eras) > 1 else ())

    def _program(self, kind: Kind, eras: Iterable[Era] = ()) -> KindProgram:
        program = compile_kind(kind, self._ruleset.plan.relations, zone=self._zone, eras=eras)
        return evolve(program, elsewhere=frozenset(events_of(self._ruleset, kind.name)))


def _covers(version: Version, at: int | None, date: int | None) -> bool:
    day = date if at is None else local_day(build_zone(version.zone), at)
    first, last = version.window.first_day, version.window.last_day
    return day is not None and (first is None or first <= day) and (last is None or day <= last)


def _begins(version: Version) -> int:
    first = version.window.first_day
    return BEGINNING if first is None else to_utc(build_zone(version.zone), first * DAY)


def _does(kind: Kind) -> object:
    return _gives(kind), kind.lifecycle


def _gives(kind: Kind) -> object:
    """What events give to the kind, without what people call it."""
    lists = [(item.name, item.events, _facts(item.fields)) for item in kind.lists]
    spells = [(s.name, s.opens, s.closes, s.match, _facts(s.fields)) for s in kind.spells]
    return _facts(kind.fields), lists, spells


def _facts(facts: Iterable[Fact]) -> list[object]:
    return [(fact.name, fact.type, fact.take, fact.events) for fact in facts]
