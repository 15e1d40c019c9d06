"""From events to records: which version governs a case, its facts, what has happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kaocheng.calendars.numberline import DAY, EVENT_INSTANTS, FIRST_INSTANT
from kaocheng.calendars.zones import Zone, Zones, to_utc
from kaocheng.engine.cases import Governed, Record
from kaocheng.engine.outcome import Outputs
from kaocheng.engine.reach import OnlineRule, Reach, reach_of, stretches
from kaocheng.engine.telling import Teller
from kaocheng.engine.timers import NOTHING_LATER
from kaocheng.evaluate.python import Program, compile_expression, setting_of
from kaocheng.journal.case_state import CaseState
from kaocheng.journal.governing import Governing
from kaocheng.journal.known import ENDLESS, Horizon, in_force
from kaocheng.journal.program import KindProgram
from kaocheng.language.expressions import Expr
from kaocheng.language.kinds import takes_any_event
from kaocheng.language.ruleset import Fact, Kind, Lifecycle, Ruleset
from kaocheng.language.types import ListOf
from kaocheng.lifecycle import CaseLifecycle, CaseReaders
from kaocheng.lifecycle.guards import GuardCompiler, GuardFunction
from kaocheng.model.events import MIGRATION, SILENT, Event
from kaocheng.plan.algebra import Window

ACTOR = "actor"
UNTIMED = EVENT_INSTANTS[0]
"""As of when a case is looked at of which nothing has a time: a read may ask for it too."""


class Folder:
    """Folds the events of cases; `kinds` are the programs of all kinds, by the last version."""

    def __init__(self, ruleset: Ruleset, program: Program, zones: Zones) -> None:
        self.ruleset = ruleset
        self.zone: Zone = zones.get(ruleset.versions[-1].zone)
        self.teller = Teller(ruleset, self.zone)
        self.program = program
        self.hashes = tuple(version.hash for version in ruleset.versions)
        self._zones = zones
        self._turns = program.turns
        self._governing = Governing(ruleset, self.zone)
        self.kinds: Mapping[str, KindProgram] = self._governing.programs
        self.reach: Reach = reach_of(program, self.kinds)
        self._governed: dict[tuple[str, int], Governed] = {}
        self._readers: dict[tuple[str, int], CaseReaders] = {}
        windows = [version.window for version in ruleset.plan.versions]
        self._one_version = windows == [Window(first_day=None, last_day=None)]

    def version_at(self, instant: int) -> int | None:
        """The version in force at an instant."""
        return 0 if self._one_version else self.program.version_at(instant)

    def opening_version(self, at: int | None, date: int | None) -> int | None:
        """The version that governs the lifecycle of a case that was opened then."""
        return 0 if self._one_version else self._governing.opening_at(at, date)

    def knows(self, event: Event) -> bool:
        """Whether some version may take such an event; without a lifecycle any corrects."""
        name = event.event
        if name in SILENT or name in self.kinds[event.kind].elsewhere:
            return True
        versions = self.ruleset.versions
        declared = [v.kinds[event.kind] for v in versions if event.kind in v.kinds]
        corrects = event.corrects is not None
        return any(takes_any_event(k) or (corrects and k.lifecycle is None) for k in declared)

    def moment(self, at: int | None, date: int | None, record: Record) -> int:
        """As of when an act reads dated facts: a day reads as its start."""
        if at is not None:
            return at
        return record.as_of if date is None else to_utc(self.zone, date * DAY)

    def opened(self, case: str, version: int) -> Record:
        """A case before its first event."""
        governed = self.governed(case.partition("/")[0], version)
        record = Record()
        record.governed = governed
        record.state = CaseState.of(governed.program, case)
        record.row = record.state.row
        record.happened = frozenset()
        record.count = 0
        record.last = record.as_of = UNTIMED
        record.known = FIRST_INSTANT
        record.version = None
        record.results = []
        record.later = NOTHING_LATER
        record.left = 0
        return record

    def rebuilt(self, case: str, events: Iterable[Event], horizon: Horizon = ENDLESS) -> Record:
        """A case after all of its events, corrected ones as they stand corrected."""
        given = sorted(events, key=_number)
        kept, _ = in_force(given, horizon)
        first = (kept or given)[0]
        version = self.opening_version(first.at, first.date)
        record = self.opened(case, 0 if version is None else version)
        record.state = CaseState.of(record.governed.program, case, given, horizon=horizon)
        record.row = record.state.row
        record.happened = frozenset(event.event for event in kept)
        record.count = len(given)
        record.last = record.as_of = max(map(self._instant_of, kept), default=UNTIMED)
        recorded = (event.recorded_at for event in given)
        record.known = max((at for at in recorded if at is not None), default=FIRST_INSTANT)
        record.version = self.version_at(record.as_of)
        if MIGRATION in record.happened:
            for event in kept:
                record.left = self._left(record.left, event)
        return record

    def steps(self, case: str, events: Iterable[Event]) -> Iterator[Record]:
        """A case after each of its events."""
        given = sorted(events, key=_number)
        record = None
        for count, event in enumerate(given, start=1):
            if record is None or event.corrects is not None:
                record = self.rebuilt(case, given[:count])
            else:
                record = self.grown(record, event)
            yield record

    def grown(self, before: Record, event: Event) -> Record:
        """A case after one more event that corrects nothing."""
        record = Record()
        record.governed = before.governed
        record.state = before.state.apply(event)
        record.row = record.state.row
        happened = before.happened
        record.happened = happened if event.event in happened else happened | {event.event}
        record.count = before.count + 1
        at = self._instant_of(event)
        record.last = max(at, before.last)
        record.as_of = record.last
        recorded, known = event.recorded_at, before.known
        record.known = known if recorded is None or recorded < known else recorded
        record.version = 0 if self._one_version else self.version_at(record.as_of)
        record.results = []
        record.later = NOTHING_LATER
        record.left = before.left if event.event != MIGRATION else self._left(before.left, event)
        return record

    def _instant_of(self, event: Event) -> int:
        """As of when a case is looked at after an event; of an unknown time, as before.

        What happened on a day is looked at as of its end, or as of when it was recorded on that
        day: nobody has missed by then what is due in the evening.
        """
        if event.date is None:
            return UNTIMED if event.at is None else event.at
        begins, ends = (to_utc(self.zone, (event.date + days) * DAY) for days in (0, 1))
        recorded = event.recorded_at
        return ends - 1 if recorded is None or not begins <= recorded < ends else recorded

    def gone(self, events: Iterable[Event]) -> Mapping[str, int]:
        """The cases that went over to another text, and by which of their events, by a journal."""
        left: dict[str, int] = {}
        for event in events:
            if event.event == MIGRATION and event.kind in self.kinds:
                left[event.case] = self._left(left.get(event.case, 0), event)
        return {case: sequence for case, sequence in left.items() if sequence}

    def _left(self, left: int, event: Event) -> int:
        """By which event a case went over to another text, where that was so before this one."""
        if event.event != MIGRATION:
            return left
        hashes = list(self.hashes)
        if event.data["to"] == hashes:
            return 0
        return event.sequence if event.data["from"] == hashes else left

    def governed(self, kind: str, version: int) -> Governed:
        """The kind as the version has it: the columns of all versions, its own lifecycle."""
        known = self._governed.get((kind, version))
        if known is None:
            known = self._governed[kind, version] = self._make(kind, version)
        return known

    def _make(self, name: str, version: int) -> Governed:
        kind = self._governing.kind(name, version)
        rules = self.reach.rules[name]
        lifecycle = None
        if kind.lifecycle is not None:
            lifecycle = self._lifecycle(name, kind.lifecycle, version)
        return Governed(
            name=name,
            version=version,
            program=self._governing.program(name, version),
            lifecycle=lifecycle,
            rules=rules,
            stretches=stretches(rules, dated=kind.dated),
            relations=self.ruleset.plan.relations,
            outputs=self._outputs(rules),
            places={rule.relation.name: place for place, rule in enumerate(rules)},
            turns=self._turns,
            turning=[rule.id for rule in rules if rule.reads_rules],
            watched=any(child.kind == name for child in self.reach.children),
            reads_others=any(rule.reads_others for rule in rules),
            carries_lists=any(isinstance(fact.type, ListOf) for fact in _facts(kind)),
        )

    def _outputs(self, rules: Iterable[OnlineRule]) -> Outputs:
        belonging = {rule.id: rule.collection for rule in self.ruleset.plan.rules}
        collections: dict[str, list[str]] = {}
        for rule in rules:
            if belonging[rule.id] is not None:
                collections.setdefault(str(belonging[rule.id]), []).append(rule.id)
        return Outputs({rule.id: rule.relation for rule in rules}, collections)

    def _lifecycle(self, name: str, lifecycle: Lifecycle, version: int) -> CaseLifecycle:
        compile_guard, zone = self._guards(name, version)
        return CaseLifecycle(name, lifecycle, compile_guard=compile_guard, zone=zone)

    def readers(self, kind: str, version: int) -> CaseReaders:
        """Who may read cases of a kind, as the version has it."""
        known = self._readers.get((kind, version))
        if known is None:
            own = self.ruleset.versions[version].kinds.get(kind)
            compile_guard, zone = self._guards(kind, version)
            known = self._readers[kind, version] = CaseReaders(
                kind, () if own is None else own.readers, compile_guard=compile_guard, zone=zone
            )
        return known

    def _guards(self, kind: str, version: int) -> tuple[GuardCompiler, Zone]:
        """What makes functions of conditions on the case and the actor."""
        setting = setting_of(self.ruleset.plan, version, zones=self._zones)

        def compile_guard(expr: Expr) -> GuardFunction:
            return compile_expression(expr, setting, variables=(kind, ACTOR)).function

        return compile_guard, setting.zone


def _facts(kind: Kind) -> Iterator[Fact]:
    yield from kind.fields
    for item in kind.lists:
        yield from item.fields
    for spell in kind.spells:
        yield from spell.fields


def _number(event: Event) -> int:
    return event.sequence
