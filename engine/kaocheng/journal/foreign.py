"""Foreign tables: each row becomes events of a case, as an `inputs:` entry says.

* The file must have the columns that the input reads, and no others unless `ignore`
  names them (`*` names all). A format without a head has the columns that some row has.
* The case is `kind/<cell>`. A table has one row per case, unless `order_by` names
  another column than the case: then its rows are put in that order.
* The events of a row are numbered as the input writes them, so a number stays the same
  when a later export fills a blank; an event that has not happened leaves a gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import NEVER, checked_event_time
from kaocheng.calendars.zones import Zone
from kaocheng.journal.cells import IS_BLANK, TimeReader, cell_reader, time_reader
from kaocheng.journal.collecting import Entry
from kaocheng.journal.input_format import InputFormat, Progress, Row, no_progress
from kaocheng.journal.lines import is_case_id
from kaocheng.journal.texts import Message, Unfit, clock_text, did_you_mean, names, shown
from kaocheng.journal.values import case_id
from kaocheng.language.ruleset import EventInput, Input
from kaocheng.language.types import DATE
from kaocheng.model.events import Event, Journal, Unreadable

MISSING_COLUMN = Message(
    "missing_column",
    "the table has no column `{column}`, which the input `{input}` reads{hint}",
    "表中没有输入 `{input}` 要读取的列 `{column}`{hint}",
)
EXTRA_COLUMNS = Message(
    "extra_columns",
    "the input `{input}` neither reads nor ignores {columns}",
    "输入 `{input}` 既未读取也未忽略 {columns}",
)
BAD_CELL = Message("bad_cell", "column `{column}`: {why}", "列 `{column}`：{why}")
SAME_CASE = Message(
    "same_case",
    "the case `{case}` stands also at {other}, with other values; neither row is counted",
    "事项 `{case}` 在 {other} 另有数值不同的一行，两行均不计入",
)
SAME_ROW = Message(
    "same_row",
    "the case `{case}` stands also at {other}, with the same values; it is counted once",
    "事项 `{case}` 与 {other} 数值相同，只计一次",
)

NOT_AN_ID = Message("not_an_id", "`{seen}` is not an id", "`{seen}` 不是编号")

ANY = "*"
_WHOLE = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_OrderKey = tuple[int, int, str]
_T = TypeVar("_T")


class _RowEvent(NamedTuple):
    """An event of a row before it has its number; `at` and `date` as in `Event`."""

    event: str
    at: int | None
    date: int | None
    data: Mapping[str, object]


class _ReadRow(NamedTuple):
    """A row that was read: what it says, and by what it is ordered and compared."""

    place: str
    case: str
    events: tuple[_RowEvent | None, ...]
    cells: tuple[str, ...]
    order: tuple[_OrderKey, ...]


def read_table(
    path: Path, spec: Input, form: InputFormat, *, zone: Zone, on_progress: Progress = no_progress
) -> Journal:
    """The events that a foreign table gives; `zone` is that of `spec.zone`.

    Raises:
        InputError: the file as a whole cannot be read; single rows become `Unreadable`.
    """
    if form.read_columns is not None:
        _check_columns(path, spec, form.read_columns(path))
    reader = _RowReader(spec, zone)
    rows: list[_ReadRow] = []
    refused: list[Unreadable] = []
    for row in form.read_rows(path, on_progress):
        if isinstance(row, Unreadable):
            refused.append(row)
            continue
        try:
            rows.append(reader.read(row))
        except Unfit as error:
            refused.append(error.unreadable(row[0]))
    if form.read_columns is None and reader.columns:
        _check_columns(path, spec, reader.columns)
    kept, twice = _sequenced(spec, rows)
    return Journal(
        events=tuple(event for _, event in kept),
        unreadable=(*refused, *twice),
        places=tuple(place for place, _ in kept),
    )


def _columns_read(spec: Input) -> Iterator[str]:
    yield spec.case
    yield from spec.order_by
    for event in spec.events:
        yield event.at.column
        yield from (column.column for column in event.data.values())


def _check_columns(path: Path, spec: Input, present: Iterable[str]) -> None:
    """One message names everything: the lack first, since a renamed column is also extra."""
    columns = tuple(present)
    wanted = tuple(dict.fromkeys(_columns_read(spec)))
    extra = [c for c in columns if c not in wanted and c not in spec.ignore]
    for column in wanted:
        if column not in columns:
            hint = did_you_mean(column, extra or columns)
            raise MISSING_COLUMN.refusal(f"{path}:1", column=column, input=spec.id, hint=hint)
    if extra and ANY not in spec.ignore:
        raise EXTRA_COLUMNS.refusal(f"{path}:1", input=spec.id, columns=names(extra))


class _RowReader:
    """Reads the rows of one table: the readers of its columns are made once."""

    def __init__(self, spec: Input, zone: Zone) -> None:
        self._spec = spec
        self._wanted = tuple(dict.fromkeys(_columns_read(spec)))
        self._events = tuple(_EventReader(event, zone) for event in spec.events)
        times = {e.at.column: time_reader(e.at, zone) for e in spec.events}
        self._order = tuple((column, times.get(column)) for column in spec.order_by)
        self.columns: dict[str, None] = {}

    def read(self, row: Row) -> _ReadRow:
        place, cells = row
        if cells.keys() != self.columns.keys():
            self.columns.update(dict.fromkeys(cells))
        return _ReadRow(
            place=place,
            case=self._case(cells),
            events=tuple(event.read(cells) for event in self._events),
            cells=tuple(cells.get(column, "") for column in self._wanted),
            order=tuple(_order_key(cells.get(c, ""), read) for c, read in self._order),
        )

    def _case(self, cells: Mapping[str, str]) -> str:
        column = self._spec.case
        text = cells.get(column, "").strip()
        case = case_id(self._spec.kind, text)
        if text and is_case_id(case):
            return case
        why = NOT_AN_ID.fill(seen=shown(text)) if text else IS_BLANK.fill()
        raise Unfit(BAD_CELL.fill(column=column, why=why))


class _EventReader:
    """Reads one event of each row."""

    def __init__(self, event: EventInput, zone: Zone) -> None:
        self._name = event.event
        self._dated = event.at.type == DATE
        self._column = event.at.column
        self._time = time_reader(event.at, zone)
        self._data = tuple(
            (key, column.column, cell_reader(column, zone)) for key, column in event.data.items()
        )

    def read(self, cells: Mapping[str, str]) -> _RowEvent | None:
        """The event, or None when it has not happened."""
        time = _read_cell(self._column, self._time, cells)
        if time == NEVER:
            return None
        data = {key: _read_cell(column, read, cells) for key, column, read in self._data}
        at, date = (None, time) if self._dated else (time, None)
        self._check(at, date)
        return _RowEvent(event=self._name, at=at, date=date, data=data)

    def _check(self, at: int | None, date: int | None) -> None:
        try:
            checked_event_time(at, date)
        except ClockError as error:
            raise Unfit(BAD_CELL.fill(column=self._column, why=clock_text(error))) from error


def _read_cell(column: str, read: Callable[[str], _T], cells: Mapping[str, str]) -> _T:
    try:
        return read(cells.get(column, ""))
    except Unfit as error:
        raise Unfit(BAD_CELL.fill(column=column, why=error.text)) from error


def _order_key(cell: str, read: TimeReader | None) -> _OrderKey:
    """Times by time, whole numbers by size, anything else as text after them."""
    text = cell.strip()
    number = None
    if read is not None:
        number = read(cell)
    elif _WHOLE.fullmatch(text):
        number = int(text)
    return (1, 0, text) if number is None else (0, number, "")


def _sequenced(spec: Input, rows: Iterable[_ReadRow]) -> tuple[list[Entry], list[Unreadable]]:
    """The events with their numbers, and the rows that stand against each other."""
    by_case: dict[str, list[_ReadRow]] = {}
    for row in rows:
        by_case.setdefault(row.case, []).append(row)
    several = any(column != spec.case for column in spec.order_by)
    events: list[Entry] = []
    refused: list[Unreadable] = []
    for group in by_case.values():
        kept = group
        if len(group) > 1:
            if several:
                kept = sorted(group, key=lambda row: (row.order, row.cells))
            else:
                kept, twice = _one_row(group)
                refused.extend(twice)
        events.extend(_numbered(kept))
    return events, refused


def _one_row(group: Sequence[_ReadRow]) -> tuple[list[_ReadRow], list[Unreadable]]:
    first, *others = group
    if any(row.cells != first.cells for row in others):
        against = [*others[:1], *(first for _ in others)]
        pairs = zip(group, against, strict=True)
        return [], [SAME_CASE.unreadable(a.place, case=a.case, other=b.place) for a, b in pairs]
    return [first], [SAME_ROW.unreadable(r.place, case=r.case, other=first.place) for r in others]


def _numbered(rows: Sequence[_ReadRow]) -> Iterator[Entry]:
    slots = ((row, event) for row in rows for event in row.events)
    for number, (row, event) in enumerate(slots, start=1):
        if event is not None:
            numbered = Event(
                case=row.case,
                sequence=number,
                event=event.event,
                at=event.at,
                date=event.date,
                data=event.data,
            )
            yield row.place, numbered
