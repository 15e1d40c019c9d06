"""The cases that a unit of work has read: their records, assessed once somebody asks for that.

What an act finds must not depend on what this process happens to remember, nor a timer that is done
late on what has happened since. Of other cases there is what had happened by the time as of which
somebody asks. What a rule of another case says is computed when a rule reads it, as of then, unless
it is the same anyway; and where rules read others, what the case itself said is what was kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kaocheng.engine.cases import Children, LiveContext, LiveIndexes, Record
from kaocheng.engine.checking import check_text, why_no_name
from kaocheng.engine.folding import Folder
from kaocheng.engine.keeping import Keeper
from kaocheng.engine.online import evaluate, evaluate_until
from kaocheng.engine.outcome import CaseResults, Row, unchained
from kaocheng.journal.known import Horizon
from kaocheng.model.events import Event
from kaocheng.model.facts import Times


class Found:
    """Finds cases of a keeper; `records` are those that have been asked for."""

    def __init__(self, folder: Folder, keeper: Keeper) -> None:
        self.records: dict[str, Record] = {}
        self._waiting: set[str] = set()  # loaded and not yet assessed
        self._coming: dict[str, Sequence[Event]] = {}
        self.children = Children(folder.reach.children, keeper.lookup)
        self.live = LiveIndexes(folder.reach, self.find, self.say, self.children)
        self._folder = folder
        self._keeper = keeper
        self._unassessed: dict[str, Record] = {}  # of which rules have read the facts

    def expect(self, coming: Mapping[str, Sequence[Event]]) -> None:
        """Know the events of cases that the keeper does not have yet; their records are there."""
        self._coming.update(coming)
        self._waiting.update(coming)

    def came(self, case: str) -> None:
        """The keeper has the events of a case now."""
        del self._coming[case]

    def expect_nothing(self) -> None:
        """Forget what was to come."""
        self._coming.clear()
        self._waiting.clear()

    def known(self, case: str) -> Record | None:
        """A case that exists, from the keeper where it has not been read yet."""
        check_text("case", case)
        record = self.records.get(case)
        if record is None:
            record = self._unassessed.get(case) or self._read(case)
            if case in self._unassessed and record is not None:
                self.records[case] = self._unassessed.pop(case)
                self.assess(record)
                self._as_it_was(record)
        elif case in self._waiting:  # until somebody reads it
            self._waiting.remove(case)
            self.assess(record)
        return record

    def find(self, case: str) -> Record | None:
        """A case as rules read it: for its facts it need not be assessed.

        What happened to it later than the time as of which somebody asks is left out.
        """
        record, as_of = self._present(case), self.live.as_of
        if record is None or record.last <= as_of:
            return record
        then = self._as_of(case, as_of)
        return then if then.count else None

    def say(self, record: Record, place: int) -> Iterable[Row]:
        """What a rule of a case says to another rule, of that case or another one."""
        rules, results, as_of = record.governed.rules, record.results, self.live.as_of
        if place < len(results):
            may_differ = rules[place].reads_others and len(results) == len(rules)
            if not may_differ and not _is_old(record, as_of):
                return unchained(results[place])
        case, anew = record.state.case, record.again()
        present = self.records.get(case)
        self.records[case] = anew  # what its rules read of itself
        try:
            self.reach_children(anew)
            if anew.as_of < as_of:
                anew.as_of, anew.version = as_of, self._folder.version_at(as_of)
            evaluate_until(anew, self.context_of(anew), place + 1)
        finally:
            self.restore(case, present)
        return unchained(anew.results[place])

    def assess(self, record: Record) -> None:
        """Evaluate the rules of a case whose facts are there."""
        self.reach_children(record)
        evaluate(record, self.context_of(record).begin(record.as_of, record.version))

    def reach_children(self, record: Record) -> list[Record]:
        """A case that reads children is assessed as of the last event that concerned it.

        Gives the children, assessed or not.
        """
        found = list[Record]()
        for case, left in self.children.of(record.governed.name, record.state.case):
            child = self._present(case) if left is None else None
            at = left if child is None else child.last
            if at is not None and at > record.as_of:
                record.as_of = at
            if child is not None:
                found.append(child)
        record.version = self._folder.version_at(record.as_of)
        return found

    def results_at(self, case: str, instant: int) -> CaseResults:
        """What the rules of a known case say as of an instant, later events of it left out."""
        record = self._as_of(case, instant)
        record.as_of = instant
        record.version = self._folder.version_at(instant)
        present = self.records[case]
        self.records[case] = record
        try:
            evaluate(record, self.context_of(record).begin(record.as_of, record.version))
        finally:
            self.records[case] = present
        return record.case_results

    def _present(self, case: str) -> Record | None:
        """A case as it is now, assessed or not."""
        return self.records.get(case) or self._unassessed.get(case) or self._read(case)

    def _as_of(self, case: str, instant: int) -> Record:
        horizon = Horizon.of(Times(as_of=instant), self._folder.zone)
        events = (*self._keeper.load(case), *self._coming.get(case, ()))
        return self._folder.rebuilt(case, events, horizon)

    def restore(self, case: str, record: Record | None) -> None:
        """Have a case as it was; without a record it is read again."""
        if record is None:
            self.records.pop(case, None)
        else:
            self.records[case] = record

    def context_of(self, record: Record) -> LiveContext:
        """What the rules of a case read."""
        return LiveContext(self.live, record.as_of, record.version)

    def _read(self, case: str) -> Record | None:
        if why_no_name(case) is not None or case.partition("/")[0] not in self._folder.kinds:
            return None
        record = self._keeper.recall(case)
        if record is not None:
            self.records[case] = record
            return record
        events = self._keeper.load(case)
        if not events:
            return None
        record = self._unassessed[case] = self._folder.rebuilt(case, events)
        if self._keeper.lookup is None:
            self.children.note(case, None, record)
        return record

    def _as_it_was(self, record: Record) -> None:
        """Have the case say what it said when it was assessed last, as far as that may differ."""
        last = self._keeper.last_results(record) if record.governed.reads_others else None
        if last is None:
            return
        others = [rule.id for rule in record.governed.rules if rule.reads_others]
        later = {noted: None for noted in record.later if noted[0] not in others}
        record.later = later | {timer: None for timer in last.timers if timer[0] in others}
        for place, rows in last.rows.items():
            if record.governed.rules[place].reads_others:
                record.results[place] = list(rows)


def _is_old(record: Record, as_of: int) -> bool:
    """Whether what the rules of a case say has changed by time alone since."""
    return any(at <= as_of for _, at in record.timers)
