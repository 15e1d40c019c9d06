"""Cases as an engine holds them, and as generated rules find them.

Generated code asks a context for *indexes*: hash tables over all rows, built once per
assessment. Here the same question is answered case by case, from what is known now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from kaocheng.calendars.numberline import FIRST_INSTANT, MINUTE
from kaocheng.engine.outcome import CaseResults, Chain, Outputs, Row, unchained
from kaocheng.engine.reach import CASE, Child, Naming, OnlineRule, Reach, Stretch
from kaocheng.engine.timers import NOTHING_LATER, Later, Timers, timers_of
from kaocheng.evaluate.python import Context
from kaocheng.evaluate.python._indexes import Index
from kaocheng.journal.case_state import CaseState
from kaocheng.journal.program import KindProgram
from kaocheng.language.schema import Relation
from kaocheng.lifecycle import CaseLifecycle


@frozen(kw_only=True, eq=False)
class Governed:
    """A kind as one version governs it: how it folds, what may happen, which rules run.

    `carries_lists` says that data of its events may be lists, `watched` that rules of
    other kinds read its cases as children, `reads_others` that a rule of its own reads more
    than the case and its children. `turns` are the instants at which another version comes
    into force; those of other cases' rules may then say something else, so that the rules
    `turning`, which read them, may too.
    """

    name: str
    version: int
    program: KindProgram
    lifecycle: CaseLifecycle | None
    rules: tuple[OnlineRule, ...]
    stretches: tuple[Stretch, ...]
    relations: Mapping[str, Relation]
    outputs: Outputs
    places: Mapping[str, int]
    carries_lists: bool
    watched: bool
    reads_others: bool
    turns: Sequence[int]
    turning: Sequence[str]


MOST_BEHIND = MINUTE
"""So far may the clock of a host be behind that of another without anybody seeing it in a case.

What is further off is no difference between clocks that are kept: one that is an hour wrong must
not take the others along.
"""


class Record:
    """What an engine holds of one case. It does not change once it is published.

    `last` is the instant of its own last event, `as_of` that of the last event of the case
    and of those that it reads as children, or by which one ceased to be a child. `later` is
    what its rules said of when they will say something else. `left` is the number of the event
    by which the case went over from this text of the ruleset to another, 0 if it is still here.
    `known` is when the latest of its events was recorded, as far as they say that.
    """

    __slots__ = (
        "as_of",
        "count",
        "governed",
        "happened",
        "known",
        "last",
        "later",
        "left",
        "results",
        "row",
        "state",
        "version",
    )

    governed: Governed
    state: CaseState
    row: Row
    happened: frozenset[str]
    count: int
    last: int
    known: int
    as_of: int
    version: int | None
    results: list[Chain]
    later: Later
    left: int

    @property
    def state_name(self) -> str | None:
        """The state of the case; None without a lifecycle."""
        return self.state.state

    @property
    def case_results(self) -> CaseResults:
        """What the online rules say, to be wrapped when it is read."""
        return CaseResults(self.governed.outputs, self.results, self.as_of, timers=self.timers)

    @property
    def timers(self) -> Timers:
        """The rules that will say something else by time alone, each with when it first will."""
        return timers_of(self.later, self.as_of)

    def again(self) -> Record:
        """The same facts as of its own last event, not yet assessed."""
        record = Record()
        record.governed, record.state, record.row = self.governed, self.state, self.row
        record.happened, record.count = self.happened, self.count
        record.last = record.as_of = self.last
        record.known = self.known
        record.version = None
        record.results = []
        record.later = NOTHING_LATER
        record.left = self.left
        return record

    def no_earlier(self, now: int | None) -> int | None:
        """The present by a clock, or when an event was recorded by one that is a little ahead."""
        if now is None or not now < self.known <= now + MOST_BEHIND:
            return now
        return self.known

    def rows_of(self, relation: str) -> Iterable[Row]:
        """The case's rows of a relation: its own, its lists and spells, its online rules."""
        governed = self.governed
        place = governed.places.get(relation)
        if place is not None:
            results = self.results
            return unchained(results[place]) if place < len(results) else ()
        if relation == governed.name and not governed.program.dated:
            return (self.row,) if self.state.exists else ()
        return self.state.rows().get(relation, ())


Find = Callable[[str], Record | None]

Say = Callable[[Record, int], Iterable[Row]]
"""What the online rule at a place says of a case that was found."""

_NO_ROWS: dict[str, Sequence[Row]] = {}
_NO_LINKS: dict[str, int | None] = {}


class LiveContext(Context):
    """A context whose indexes look cases up."""

    __slots__ = ()

    def __init__(self, indexes: LiveIndexes, as_of: int, version: int | None) -> None:
        self.as_of = as_of
        self.moment = as_of
        self.version = version
        self.later = self.next_version = None
        self.rows = _NO_ROWS
        # It answers as the table of tables does that the class declares.
        self.indexes = indexes  # type: ignore[assignment]

    def begin(self, as_of: int, version: int | None) -> LiveContext:
        """Begin to assess or to decide: what rules say of other cases is read as of then too."""
        self.as_of = self.moment = as_of
        self.version = version
        self.indexes.as_of = as_of  # type: ignore[attr-defined]
        return self


Links = Mapping[str, int | None]
"""Cases that name another one in a column, or have: None, or the instant when they ceased to."""

Lookup = Callable[[str, str, object], Links]
"""Finds the cases of a kind whose column has a value, or has had it."""

Noted = Sequence[tuple[dict[str, int | None], str, int | None, bool]]
"""What was noted before of cases, and whether anything was."""


class Children:
    """Which cases name a case in a column, for the columns that some rule reads children by.

    With a `lookup` it holds only what has changed since; without one it holds everything.
    Cases that name it no more are remembered with when they ceased to: until then an
    assessment finds them.
    """

    def __init__(self, watched: Iterable[Child], lookup: Lookup | None = None) -> None:
        watched = tuple(watched)
        self.kinds = frozenset(child.kind for child in watched)
        self._lookup = lookup
        self._watched: dict[str, dict[str, Child]] = {}
        self._read_by: dict[str, list[Child]] = {}
        # By what they name, in the order in which they came.
        self._found: dict[tuple[str, str], dict[object, dict[str, int | None]]] = {}
        for child in watched:
            self._watched.setdefault(child.kind, {})[child.column] = child
            self._read_by.setdefault(child.parent, []).append(child)
            self._found[child.kind, child.column] = {}

    def parents(self, kind: str, *rows: Row | None) -> Iterable[str]:
        """The cases that rows of a kind name as their parents."""
        watched = self._watched.get(kind, {}).values()
        named = (row[child.place] for child in watched for row in rows if row)
        return dict.fromkeys(name for name in named if isinstance(name, str))

    def note(self, case: str, before: Record | None, after: Record) -> Noted:
        """Keep up with a case that was `before` and is `after`; gives what was noted until now."""
        noted: list[tuple[dict[str, int | None], str, int | None, bool]] = []
        kind = after.governed.name
        for child, was, now in self.changes(kind, before, after):
            found = self._found[kind, child.column]
            for value, left in (
                (was, None if before is None else left_at(before, after)),
                (now, None),
            ):
                if value is not None:
                    links = found.setdefault(value, {})
                    noted.append((links, case, links.get(case), case in links))
                    links[case] = left
        return noted

    def changes(
        self, kind: str, before: Record | None, after: Record
    ) -> Iterator[tuple[Child, object, object]]:
        """The columns in which a case of a kind names another one than before: which, and which."""
        for child in self._watched.get(kind, {}).values():
            was = None if before is None or not before.count else before.row[child.place]
            now = after.row[child.place]
            if was != now:
                yield child, was, now

    @staticmethod
    def restore(noted: Noted) -> None:
        """Have it as it was before something was noted."""
        for links, case, was, there in reversed(noted):
            if there:
                links[case] = was
            else:
                links.pop(case, None)

    def of(self, parent: str, case: str) -> Iterator[tuple[str, int | None]]:
        """The children that rules of the kind `parent` read of a case, and those that have left."""
        for child in self._read_by.get(parent, ()):
            yield from self._links(child.kind, child.column, case).items()

    def cases(self, kind: str, column: str, value: object) -> set[str]:
        """The cases of a kind whose column has that value."""
        found = self._links(kind, column, value)
        return {case for case, left in found.items() if left is None}

    def _links(self, kind: str, column: str, value: object) -> Links:
        changed = self._found.get((kind, column), {}).get(value, _NO_LINKS)
        if self._lookup is None:
            return changed
        return {**self._lookup(kind, column, value), **changed}


def left_at(before: Record, after: Record) -> int:
    """The instant at which an event takes a case from where it was."""
    return max(before.last, after.last)


class LiveIndexes(dict[Index, "Finder"]):
    """Indexes by what they look for; `find` gives a case as the act in progress leaves it.

    `as_of` is the time as of which somebody asks, who may be reading through other cases.
    """

    def __init__(self, reach: Reach, find: Find, say: Say, children: Children) -> None:
        super().__init__()
        self._kinds = reach.rules.keys()
        self._rules = {rule.relation.name for rules in reach.rules.values() for rule in rules}
        self._naming = reach.naming
        self.find = find
        self.say = say
        self.children = children
        self.as_of = FIRST_INSTANT

    def __missing__(self, index: Index) -> Finder:
        finder = self[index] = self._finder(index)
        return finder

    def _finder(self, index: Index) -> Finder:
        if CASE not in index.columns:
            name = index.relation.name
            found = (self._naming.get((name, column)) for column in index.columns)
            naming = next(one for one in found if one is not None)
            finder = ChildFinder if name in self._kinds else RuleChildFinder
            return finder(index, self, naming)
        if index.kind == "one" and index.relation.name in self._kinds:
            return CaseFinder(index, self)
        return (RuleFinder if index.relation.name in self._rules else Finder)(index, self)


class Finder:
    """Looks for rows of the case that the key names."""

    __slots__ = ("_index", "_live", "_part")

    def __init__(self, index: Index, live: LiveIndexes) -> None:
        self._index = index
        self._live = live
        columns = index.columns
        self._part = None if columns == (CASE,) else columns.index(CASE)

    def get(self, key: Any, default: object = None) -> object:  # noqa: ANN401 - as a dict
        """What the index has under the key."""
        part = self._part
        case = key if part is None else key[part]
        record = self._live.find(case)
        if record is None:
            return default
        return self._index.build(self._rows(record)).get(key, default)

    def _rows(self, record: Record) -> Iterable[Row]:
        return record.rows_of(self._index.relation.name)


class RuleFinder(Finder):
    """Looks for what an online rule says of the case that the key names."""

    __slots__ = ()

    def _rows(self, record: Record) -> Iterable[Row]:
        place = record.governed.places.get(self._index.relation.name)
        return () if place is None else self._live.say(record, place)


class CaseFinder(Finder):
    """Looks for the row of a case, which is what most references ask for."""

    __slots__ = ("_find",)

    def __init__(self, index: Index, live: LiveIndexes) -> None:
        self._index = index
        self._live = live
        self._find = live.find

    def get(self, key: Any, default: object = None) -> object:  # noqa: ANN401 - as a dict
        """The row of the case, if there is one."""
        record = self._find(key)
        return default if record is None or not record.state.exists else record.row


class ChildFinder(Finder):
    """Looks for rows of the cases that name the case in the key."""

    __slots__ = ("_naming",)

    def __init__(self, index: Index, live: LiveIndexes, naming: Naming) -> None:
        self._index = index
        self._live = live
        self._naming = naming
        one = len(index.columns) == 1
        self._part = None if one else index.columns.index(naming.name)

    def get(self, key: Any, default: object = None) -> object:  # noqa: ANN401 - as a dict
        """The rows of those cases, as the index would hold them."""
        live, naming, part = self._live, self._naming, self._part
        named = key if part is None else key[part]
        cases = set[str]()
        for column in naming.columns:
            cases |= {named} if column == CASE else live.children.cases(naming.kind, column, named)
        found = (live.find(case) for case in cases)
        rows = [row for record in found if record for row in self._rows(record)]
        return self._index.build(rows).get(key, default)


class RuleChildFinder(ChildFinder, RuleFinder):
    """Looks for what an online rule says of the cases by which it names the case in the key."""

    __slots__ = ()
