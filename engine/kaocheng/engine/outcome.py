"""What an act gives back: the decision, the event, and results that are wrapped when read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Protocol

from attrs import field, frozen

from kaocheng.engine.timers import ClockPlace, Timer, clock_places
from kaocheng.journal.texts import Message, Text
from kaocheng.language.schema import Relation
from kaocheng.lifecycle.decisions import Decision, Refusal
from kaocheng.model.events import Event

Row = tuple[object, ...]


# The rows of a rule: a list, or a link of older rows and newer ones.
Chain = list[Row] | tuple["Chain", list[Row]]


def unchained(chain: Chain) -> list[Row]:
    """The rows of a chain in order."""
    newest_first: list[list[Row]] = []
    while isinstance(chain, tuple):
        chain, rows = chain
        newest_first.append(rows)
    found = list(chain)
    for rows in reversed(newest_first):
        found += rows
    return found


def grown(now: Chain, was: Chain) -> list[Row] | None:
    """The rows by which a chain has grown since it was another one; None where it has not."""
    newest_first: list[list[Row]] = []
    while now is not was and isinstance(now, tuple):
        now, rows = now
        newest_first.append(rows)
    if now is not was:
        return None
    return [row for rows in reversed(newest_first) for row in rows]


class RowView(Mapping[str, object]):
    """A row read by the names of its columns; `row` is the tuple itself."""

    __slots__ = ("_relation", "row")

    def __init__(self, relation: Relation, row: Row) -> None:
        self._relation = relation
        self.row = row

    def __getitem__(self, column: str) -> object:
        if column not in self._relation.columns:
            raise KeyError(column)
        return self.row[self._relation.index(column)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._relation.columns)

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        return f"RowView({dict(self)})"


_TIMES = ("start", "due", "met_at")
_UNDETERMINED = Message(
    "undetermined",
    "the deadline `{rule}` of `{case}` is undetermined{lacking}: nobody can say whether it is"
    " overdue; `explain` says why",
    "`{case}` 的期限 `{rule}` 待定{lacking}，无法判断是否逾期；原因请用 `explain` 查询",
)


@frozen
class UndeterminedDeadline:
    """A deadline of which nobody can say how it stands: its rule, and its row."""

    rule: str
    row: RowView

    @property
    def lacking(self) -> tuple[str, ...]:
        """The times of the row that are unknown; why they are says `Engine.explain`."""
        return tuple(name for name in _TIMES if self.row.get(name, "") is None)

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        names = [f"`{name}`" for name in self.lacking]
        lacking = Text("", "")
        if names:
            lacking = Text(f" (unknown: {', '.join(names)})", f"（未知：{'、'.join(names)}）")
        case = str(self.row.get("case"))
        return _UNDETERMINED.fill(rule=self.rule, case=case, lacking=lacking)

    def message(self, language: str = "en") -> str:
        """The sentence in `language` (`en` or `zh`)."""
        return self.text.zh if language == "zh" else self.text.en


@frozen(eq=False)
class Outputs:
    """The online rules of a kind: their relations, and by collection those that belong to it.

    `clocks` are those with deadlines.
    """

    relations: Mapping[str, Relation]
    collections: Mapping[str, Sequence[str]]
    clocks: Sequence[ClockPlace] = field(init=False)

    @clocks.default
    def _clocks(self) -> Sequence[ClockPlace]:
        return clock_places(self.relations)


class CaseResults(Mapping[str, Sequence[RowView]]):
    """The rows that rules give a case, by rule; `as_of` is the time they hold for.

    Only rules of case reach that look at one row at a time are here. Values are those of
    the number line (`kaocheng.language.types`).
    """

    __slots__ = ("_outputs", "_relations", "_rows", "_timers", "as_of")

    def __init__(
        self, outputs: Outputs, rows: Sequence[Chain], as_of: int, *, timers: Iterable[Timer] = ()
    ) -> None:
        self._outputs = outputs
        self._relations = outputs.relations
        self._rows = rows
        self._timers = timers
        self.as_of = as_of

    def collected(self, collection: str) -> tuple[RowView, ...]:
        """The rows of all rules of a collection: `findings`, `entries` or `notices`."""
        rules = self._outputs.collections.get(collection, ()) if self._rows else ()
        return tuple(row for rule in rules for row in self[rule])

    @property
    def timers(self) -> tuple[tuple[str, int], ...]:
        """The rules that will say something else by time alone, each with when it first will."""
        return tuple(self._timers)

    @property
    def undetermined(self) -> tuple[UndeterminedDeadline, ...]:
        """The deadlines of which nobody can say how they stand."""
        return tuple(
            UndeterminedDeadline(clock.rule, RowView(self._relations[clock.rule], row))
            for clock, row in self.clocks()
            if row[clock.status] is None
        )

    def clocks(self) -> Iterator[tuple[ClockPlace, Row]]:
        """The rows of deadlines, each with where things are in it."""
        for clock in self._outputs.clocks:
            if clock.place < len(self._rows):
                for row in unchained(self._rows[clock.place]):
                    yield clock, row

    def rows(self, rule: str) -> list[Row]:
        """The rows of a rule as plain tuples, in the order of the rows it runs over."""
        return unchained(self._rows[tuple(self._relations).index(rule)])

    def __reduce__(self) -> tuple[object, ...]:
        """Under pickle rows are plain lists: chains may be long, and rules are not carried."""
        rows = [unchained(chain) for chain in self._rows]
        make = partial(CaseResults, timers=tuple(self._timers))
        return make, (self._outputs, rows, self.as_of)

    def __getitem__(self, rule: str) -> Sequence[RowView]:
        if rule not in self._relations:
            raise KeyError(rule)
        relation = self._relations[rule]
        return tuple(RowView(relation, row) for row in self.rows(rule))

    def __iter__(self) -> Iterator[str]:
        return iter(self._relations)

    def __len__(self) -> int:
        return len(self._relations)


class After(Protocol):
    """The case after an act, as an outcome reads it."""

    @property
    def state_name(self) -> str | None:
        """Its state."""

    @property
    def case_results(self) -> CaseResults:
        """What its online rules say."""


@frozen
class _Nothing:
    """There is no such case."""

    state_name: str | None = None

    @property
    def case_results(self) -> CaseResults:
        return CaseResults(Outputs({}, {}), (), 0)


NOTHING: After = _Nothing()
"""What an outcome reads where there is no case."""


@frozen
class Stored:
    """A case before or after an act, as an outcome that was kept or carried elsewhere has it."""

    state_name: str | None
    case_results: CaseResults


_NO_PARENTS: Mapping[str, CaseResults] = MappingProxyType({})


@frozen(slots=False)  # twice as fast to make, and one is made for every act
class Outcome:
    """What came of an act.

    `event` is None when it was refused. `parents` holds the results of the cases whose
    rules read this one as a child. `unknown_parents` are the ids that it names as such and
    that are of no case, or not yet: events come in any order, so that nothing is refused.
    It can be pickled, and says the same elsewhere.
    """

    decision: Decision
    event: Event | None
    _after: After
    parents: Mapping[str, CaseResults] = _NO_PARENTS
    _before: After = NOTHING
    unknown_parents: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """What the outcome says, without the case as the engine holds it."""
        before, after = (
            Stored(case.state_name, case.case_results) for case in (self._before, self._after)
        )
        plain = {"parents": dict(self.parents), "_before": before, "_after": after}
        return vars(self) | plain

    @property
    def accepted(self) -> bool:
        """Whether the event was accepted and is now part of the history."""
        return self.decision.allowed

    @property
    def reasons(self) -> tuple[Refusal, ...]:
        """Every reason why it was not."""
        return self.decision.reasons

    @property
    def state(self) -> str | None:
        """The state of the case afterwards; None without a lifecycle."""
        return self._after.state_name

    @property
    def results(self) -> CaseResults:
        """What the online rules say of the case afterwards."""
        return self._after.case_results

    @property
    def findings(self) -> tuple[RowView, ...]:
        """The findings about the case that the act brought about."""
        return self.brought("findings")

    @property
    def entries(self) -> tuple[RowView, ...]:
        """The points that the act brought about, by the online rules of the case."""
        return self.brought("entries")

    @property
    def notices(self) -> tuple[RowView, ...]:
        """Who is to be told what because of the act."""
        return self.brought("notices")

    @property
    def timers(self) -> tuple[tuple[str, int], ...]:
        """The rules that will say something else by time alone, each with when it first will."""
        return self.results.timers

    @property
    def undetermined(self) -> tuple[UndeterminedDeadline, ...]:
        """The deadlines of the case of which nobody can say how they stand."""
        return self.results.undetermined

    def brought(self, collection: str) -> tuple[RowView, ...]:
        """The rows of a collection that were not there before the act."""
        were = {row.row for row in self._before.case_results.collected(collection)}
        found = self.results.collected(collection)
        return tuple(row for row in found if row.row not in were)
