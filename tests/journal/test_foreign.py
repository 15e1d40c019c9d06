"""Foreign tables as events."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.calendars.numberline import parse_date, parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.errors import InputError
from kaocheng.journal import CSV, PARQUET, InputFormat, read_table
from kaocheng.language.ruleset import ColumnInput, EventInput, Input
from kaocheng.language.types import DATE, INSTANT, INT, Enum, Reference
from kaocheng.model.events import Event, Journal

SHANGHAI = build_zone("Asia/Shanghai")
CAUSE = Enum("cause", ("theft", "attack"))
BREACH = Input(
    id="breaches",
    format="csv",
    kind="breach",
    case="Id",
    events=(
        EventInput(
            event="discover",
            at=ColumnInput(column="DateAware", type=DATE, form="%m/%d/%Y", blank="never"),
        ),
        EventInput(
            event="notify",
            at=ColumnInput(column="Sent", type=INSTANT, form="%Y-%m-%d %H:%M"),
            data={
                "affected": ColumnInput(column="Affected", type=INT, blank="unknown"),
                "cause": ColumnInput(column="Cause", type=CAUSE, values={"Theft": "theft"}),
                "sector": ColumnInput(column="Sector", type=Reference("sector")),
            },
        ),
    ),
)  # fmt: skip
NO_COLUMN = "the table has no column `{}`, which the input `breaches` reads"
HEAD = "Id,DateAware,Sent,Affected,Cause,Sector\n"
ROW = "7,03/02/2009,2009-03-05 09:00,12,Theft,bank\n"
DISCOVERED = Event(case="breach/7", sequence=1, event="discover", date=parse_date("2009-03-02"))
NOTIFIED = Event(
    case="breach/7",
    sequence=2,
    event="notify",
    at=parse_instant("2009-03-05T09:00:00+08:00"),
    data={"affected": 12, "cause": "theft", "sector": "sector/bank"},
)


def table(folder: Path, text: str) -> Path:
    """A CSV file with this text."""
    path = folder / "t.csv"
    path.write_text(text, "utf-8")
    return path


def read(folder: Path, text: str, spec: Input = BREACH) -> Journal:
    """The journal of a CSV file with this text."""
    return read_table(table(folder, text), spec, CSV, zone=SHANGHAI)


def complaints(journal: Journal) -> list[tuple[str, str]]:
    """What could not be read: the name and line of the file, and why."""
    return [(entry.place.rpartition("/")[2], entry.en) for entry in journal.unreadable]


def test_a_row_gives_its_events(tmp_path: Path) -> None:
    """Each row becomes the events of one case, numbered as the input writes them."""
    journal = read(tmp_path, HEAD + ROW)

    assert Journal(events=(DISCOVERED, NOTIFIED)) == journal
    assert (f"{tmp_path / 't.csv'}:2",) * 2 == journal.places


def test_blank_cells(tmp_path: Path) -> None:
    """What never happened leaves a gap in the numbers; what is unknown is carried as such."""
    journal = read(tmp_path, HEAD + ROW.replace("03/02/2009", "").replace(",12,", ", ,"))
    unknown = {**NOTIFIED.data, "affected": None}

    assert Journal(events=(evolve(NOTIFIED, data=unknown),)) == journal


def test_an_event_at_an_unknown_time(tmp_path: Path) -> None:
    """A blank time that means unknown gives an event without a time."""
    at = ColumnInput(column="DateAware", type=DATE, blank="unknown")
    spec = Input(id="x", format="csv", kind="k", case="Id", events=(EventInput(event="e", at=at),))

    assert (Event(case="k/1", sequence=1, event="e"),) == read(
        tmp_path, "Id,DateAware\n1,\n", spec
    ).events


@pytest.mark.parametrize(
    ("row", "en"),
    [
        (ROW.replace("12", "a lot"), "column `Affected`: `a lot` is not a whole number"),
        (
            ROW.replace("03/02/2009", "13/02/2009"),
            "column `DateAware`: `13/02/2009` is not written as `%m/%d/%Y`",
        ),
        (
            ROW.replace("03/02/2009", "12/31/9999"),
            "column `DateAware`: the date lies outside the days from 0001-01-02 to 9999-12-30",
        ),
        (
            ROW.replace("2009-03-05 09:00", "0001-01-02 07:59"),
            "column `Sent`: the instant lies outside the days from 0001-01-02 to 9999-12-30",
        ),
        (ROW.replace("2009-03-05 09:00", ""), "column `Sent`: the cell is blank, but must not be"),
        (
            ROW.replace("Theft", "Thaft"),
            "column `Cause`: `Thaft` is none of `theft`, `attack`; did you mean `theft`",
        ),
        (ROW.replace("7,", ",", 1), "column `Id`: the cell is blank, but must not be"),
        ("7,1\n", "the number of cells is 2, that of columns 6"),
    ],
)
def test_a_row_that_cannot_be_read(tmp_path: Path, row: str, en: str) -> None:
    """A row with a bad cell gives no event at all and is reported with line and column."""
    good = ROW.replace("7,", "8,", 1)
    journal = read(tmp_path, HEAD + row + good)

    assert {"breach/8"} == {event.case for event in journal.events}
    assert [("t.csv:2", en)] == complaints(journal)


def test_one_row_per_case(tmp_path: Path) -> None:
    """Two rows of a case that differ count neither; equal ones count once."""
    other = ROW.replace("12", "13")
    nine = ROW.replace("7,", "9,", 1)
    journal = read(tmp_path, HEAD + ROW + other + nine + nine)
    path = tmp_path / "t.csv"
    same = f"the case `breach/9` stands also at {path}:4, with the same values"
    differs = "the case `breach/7` stands also at {}:{}, with other values; neither row is counted"

    assert {"breach/9"} == {event.case for event in journal.events}
    assert [
        ("t.csv:2", differs.format(path, 3)),
        ("t.csv:3", differs.format(path, 2)),
        ("t.csv:5", f"{same}; it is counted once"),
    ] == complaints(journal)


@pytest.mark.parametrize(
    ("head", "ignore", "en"),
    [
        (
            HEAD.replace("DateAware", "Date Aware"),
            (),
            f"{NO_COLUMN.format('DateAware')}; did you mean `Date Aware`",
        ),
        (
            "DateAware,Sent,Affected,Cause,Sector\n",
            (),
            NO_COLUMN.format("Id"),
        ),
        (
            HEAD.replace("Sector", "Sector,Year,Name"),
            ("Name",),
            "the input `breaches` neither reads nor ignores `Year`",
        ),
    ],
)
def test_columns(tmp_path: Path, head: str, ignore: tuple[str, ...], en: str) -> None:
    """Missing, renamed and extra columns refuse the file in one sentence, rows or no rows."""
    with pytest.raises(InputError) as refused:
        read(tmp_path, head, evolve(BREACH, ignore=ignore))

    assert ("t.csv:1", en) == (refused.value.place.rpartition("/")[2], refused.value.message)


@pytest.mark.parametrize("ignore", [("Year", "Name"), ("*",)])
def test_ignored_columns(tmp_path: Path, ignore: tuple[str, ...]) -> None:
    """Columns that the input ignores by name, or by `*`, mean nothing."""
    head, row = HEAD.replace("Id", "Year,Name,Id"), f"2009,x,{ROW}"

    assert (DISCOVERED, NOTIFIED) == read(
        tmp_path, head + row, evolve(BREACH, ignore=ignore)
    ).events


HOPS = Input(
    id="hops",
    format="csv",
    kind="report",
    case="Report",
    order_by=("When", "No"),
    events=(
        EventInput(
            event="hop",
            at=ColumnInput(column="When", type=DATE, form="%m/%d/%Y"),
            data={"no": ColumnInput(column="No", type=INT)},
        ),
    ),
)


@given(st.permutations(["a,12/01/2008,2", "a,01/02/2009,9", "a,01/02/2009,10", "b,01/01/2009,1"]))
def test_several_rows_of_a_case_stand_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    """Times are ordered as times and numbers as numbers, whatever the order of the lines."""
    folder = tmp_path_factory.mktemp("hops")
    journal = read(folder, "Report,When,No\n" + "\n".join(rows), HOPS)

    placed = sorted((event.case, event.sequence, event.data["no"]) for event in journal.events)

    assert [
        ("report/a", 1, 2),
        ("report/a", 2, 9),
        ("report/a", 3, 10),
        ("report/b", 1, 1),
    ] == placed


def test_equal_rows_of_a_case_are_all_counted(tmp_path: Path) -> None:
    """Where a case has several rows, two equal ones are two events."""
    journal = read(tmp_path, "Report,When,No\na,01/02/2009,1\na,01/02/2009,1\n", HOPS)

    assert [1, 2] == [event.sequence for event in journal.events]


def test_a_format_without_a_head(tmp_path: Path) -> None:
    """Where rows differ, a column that no row has is missing, and others are blank."""
    rows = [("f:1", {"Id": "1", "When": "2009-03-02"}), ("f:2", {"Id": "2", "Wen": "2009-03-02"})]
    form = InputFormat(name="x", suffixes=(), read_rows=lambda _path, _progress: iter(rows))
    at = ColumnInput(column="When", type=DATE)
    spec = Input(id="x", format="x", kind="k", case="Id", events=(EventInput(event="e", at=at),))

    with pytest.raises(InputError, match="neither reads nor ignores `Wen`"):
        read_table(tmp_path, spec, form, zone=SHANGHAI)
    journal = read_table(tmp_path, evolve(spec, ignore=("Wen",)), form, zone=SHANGHAI)
    absent = evolve(spec, case="id", ignore=("*",))

    assert [("f:2", "column `When`: the cell is blank, but must not be")] == complaints(journal)
    with pytest.raises(
        InputError, match="no column `id`, which the input `x` reads; did you mean `Id`"
    ):
        read_table(tmp_path, absent, form, zone=SHANGHAI)


def test_a_format_without_a_head_and_without_rows(tmp_path: Path) -> None:
    """A log without any row has no columns to be missed."""
    form = InputFormat(name="x", suffixes=(), read_rows=lambda _path, _progress: iter(()))

    assert Journal(events=()) == read_table(tmp_path, BREACH, form, zone=SHANGHAI)


def test_parquet_goes_the_same_way(tmp_path: Path) -> None:
    """A Parquet table with the same cells gives the same events."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    cells = dict(zip(HEAD.strip().split(","), ROW.strip().split(","), strict=True))
    pq.write_table(pa.table({name: [cell] for name, cell in cells.items()}), tmp_path / "t.parquet")

    assert (DISCOVERED, NOTIFIED) == read_table(
        tmp_path / "t.parquet", BREACH, PARQUET, zone=SHANGHAI
    ).events


def test_progress_is_passed_on(tmp_path: Path) -> None:
    """The caller sees the progress of the format."""
    seen: list[tuple[int, int | None]] = []
    path = table(tmp_path, HEAD + ROW)
    read_table(path, BREACH, CSV, zone=SHANGHAI, on_progress=lambda *step: seen.append(step))

    assert (path.stat().st_size, path.stat().st_size) == seen[-1]


def test_forty_thousand_rows_are_read_in_seconds(tmp_path: Path) -> None:
    """A large table takes seconds, not minutes."""
    days = [f"{1 + n % 12:02}/{1 + n % 28:02}/{1990 + n % 30}" for n in range(40_000)]
    rows = (ROW.replace("7,", f"{n},", 1).replace("03/02/2009", day) for n, day in enumerate(days))
    path = table(tmp_path, HEAD + "".join(rows))
    begun = time.perf_counter()
    journal = read_table(path, BREACH, CSV, zone=SHANGHAI)

    assert 80_000 == len(journal.events)
    assert time.perf_counter() - begun < 20  # about 1 s on an idle machine


WASHINGTON = Input(
    id="breach_notifications",
    format="csv",
    kind="breach",
    case="Id",
    ignore=("*",),
    events=tuple(
        EventInput(
            event=event,
            at=ColumnInput(
                column=column, type=DATE, form="%m/%d/%Y %I:%M:%S %p", blank=blank
            ),
        )
        for event, column, blank in (
            ("discover", "DateAware", "unknown"),
            ("notify", "DateSubmitted", "error"),
            ("end", "DateEnd", "never"),
        )
    ),
)  # fmt: skip


def test_a_real_register(data_dir: Path) -> None:
    """Every one of the 1,109 rows of a real register is read."""
    path = data_dir / "wa_breach_notifications.csv"
    journal = read_table(path, WASHINGTON, CSV, zone=SHANGHAI)

    assert 1_109 == len({event.case for event in journal.events})
    assert () == journal.unreadable
