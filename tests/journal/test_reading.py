"""Journals from files."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from kaocheng.calendars.numberline import parse_date, parse_instant
from kaocheng.errors import InputError
from kaocheng.journal import read_journal, read_journals
from kaocheng.model.events import Actor, Correction, Event, Journal

AT = "2009-03-02T09:00:00+08:00"
GOOD = f'{{"case": "report/1", "sequence": 1, "event": "submit", "at": "{AT}"}}'
OTHER = f'{{"case": "report/1", "sequence": 2, "event": "adopt", "at": "{AT}"}}'
SUBMITTED = Event(case="report/1", sequence=1, event="submit", at=parse_instant(AT))

NO_OFFSET = (
    "`at`: `2009-03-02T09:00:00` has no offset from UTC; end it with one, such as `+08:00`,"
    " or with `Z`"
)

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the test's folder and gives its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def complaints(journal: Journal) -> list[tuple[str, str]]:
    """What could not be read: the name and line of the file, and why."""
    return [(entry.place.rpartition("/")[2], entry.en) for entry in journal.unreadable]


def refusal(path: Path) -> tuple[str, str, str]:
    """How the file as a whole is refused."""
    with pytest.raises(InputError) as refused:
        read_journal(path)
    return refused.value.place.rpartition("/")[2], refused.value.message, refused.value.zh


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_json_lines(write: Write, mark: bytes, end: str) -> None:
    """Lines are events; a byte order mark, line ends and empty lines mean nothing."""
    path = write("j.jsonl", mark + f"{GOOD}{end}".encode() + b"\n \n")

    assert Journal(events=(SUBMITTED,)) == read_journal(path)


def test_a_bad_line_is_reported_and_the_others_are_read(write: Write) -> None:
    """A line that cannot be read is never dropped in silence."""
    bad = GOOD.replace("+08:00", "").replace('"sequence": 1', '"sequence": 5')
    journal = read_journal(write("j.jsonl", f"{GOOD}\n{bad}\n[1]\n{{\n{OTHER}\n"))

    assert [1, 2] == [event.sequence for event in journal.events]
    assert [
        ("j.jsonl:2", NO_OFFSET),
        ("j.jsonl:3", "the line is JSON, but not an object with keys and values"),
        ("j.jsonl:4:2", "this is not JSON: expecting property name enclosed in double quotes"),
    ] == complaints(journal)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (f'"{AT}"', '"9999-12-31T00:00:00Z"', "`at`: the instant"),
        (f'"{AT}"', '"0001-01-01T23:00:00Z"', "`at`: the instant"),
        (f'"{AT}"', '"9999-12-31"', "`at`: the date"),
        ('"event"', '"recorded_at": "9999-12-31T00:00:00Z", "event"', "`recorded_at`: the instant"),
    ],
)
def test_the_ends_of_the_calendar(write: Write, was: str, now: str, said: str) -> None:
    """Within a day of them no event can be: in some zone its day would lie outside."""
    journal = read_journal(write("j.jsonl", f"{GOOD.replace(was, now)}\n{OTHER}\n"))
    outside = f"{said} lies outside the days from 0001-01-02 to 9999-12-30"

    assert [("j.jsonl:1", outside)] == complaints(journal)


def test_where_events_stand(write: Write) -> None:
    """Each event that is counted has its file and line; a journal is the same without them."""
    again = GOOD.replace('"case"', ' "case"')
    path = write("j.jsonl", f"{GOOD}\n\nnonsense\n{again}\n{OTHER}\n")
    journal = read_journal(path)

    assert (f"{path}:1", f"{path}:5") == journal.places
    assert Journal(events=journal.events, unreadable=journal.unreadable) == journal


def test_the_same_line_twice_is_counted_once(write: Write) -> None:
    """A repeated line is reported, whatever the order of its keys."""
    again = f'{{"at": "{AT}", "event": "submit", "sequence": 1, "case": "report/1"}}'
    path = write("j.jsonl", f"{GOOD}\n{again}\n")

    said = f"event 1 of `report/1` stands here again, word for word as at {path}:1"

    assert (SUBMITTED,) == read_journal(path).events
    assert [("j.jsonl:2", f"{said}; it is counted once")] == complaints(read_journal(path))


def test_lines_that_contradict_each_other_count_neither(write: Write) -> None:
    """Which of two different lines with one number is true cannot be known."""
    path = write("j.jsonl", f"{GOOD}\n{GOOD.replace('submit', 'adopt')}\n{OTHER}\n")
    journal = read_journal(path)
    said = "event 1 of `report/1` stands also at {}:{}, with other content; neither is counted"

    assert [2] == [event.sequence for event in journal.events]
    assert [
        ("j.jsonl:1", said.format(path, 2)),
        ("j.jsonl:2", said.format(path, 1)),
    ] == complaints(journal)


def test_true_and_one_are_different_content(write: Write) -> None:
    """Lines are compared as they are written, not as numbers that happen to be equal."""
    data = GOOD.replace("}", ', "data": {"a": 1}}')
    journal = read_journal(write("j.jsonl", f"{data}\n{data.replace('1}', 'true}')}\n"))

    assert () == journal.events
    assert 2 == len(journal.unreadable)


def test_several_files_are_one_journal(write: Write) -> None:
    """An event that stands in two files is counted once."""
    first, second = write("a.jsonl", GOOD), write("b.jsonl", f"{OTHER}\n{GOOD}\n")
    journal = read_journals([first, second])

    assert [1, 2] == [event.sequence for event in journal.events]
    assert ["b.jsonl:2"] == [place for place, _ in complaints(journal)]


def test_progress_is_in_bytes(write: Write) -> None:
    """Progress ends at the size of the file."""
    seen: list[tuple[int, int | None]] = []
    path = write("j.jsonl", "\n".join(GOOD.replace("1,", f"{n},", 1) for n in range(1, 2_002)))
    read_journal(path, on_progress=lambda done, total: seen.append((done, total)))
    size = path.stat().st_size

    assert 3 == len(seen)
    assert (size, size) == seen[-1]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("j.txt", GOOD, ("j.txt", "a journal is a `.jsonl`, `.csv` or `.parquet` file")),
        (
            "j.jsonl",
            "case,sequence\nreport/1,1\n",
            ("j.jsonl:1:1", "the file is not JSON Lines: none of its lines is a JSON object"),
        ),
        (
            "j.jsonl",
            f"[\n{GOOD},\n{OTHER}\n]",
            ("j.jsonl:1", "the file is not JSON Lines: none of its lines is a JSON object"),
        ),
        (
            "j.jsonl",
            GOOD.encode() + b"\n" + '{"case": "信息"}'.encode("gbk"),
            ("j.jsonl:2:11", "the text is not UTF-8 (byte `0xD0`); save the file as UTF-8"),
        ),
        (
            "j.jsonl",
            GOOD.encode("utf-16"),
            ("j.jsonl:1", "the file is UTF-16; save it as UTF-8"),
        ),
        (
            "j.csv",
            "",
            ("j.csv:1", "the file is empty; its first line must name the columns"),
        ),
        (
            "j.csv",
            "case,seq,event,at\n",
            ("j.csv:1", "a journal has no column `seq`"),
        ),
        (
            "j.csv",
            "Case,sequence,event,at\n",
            ("j.csv:1", "a journal has no column `Case`; did you mean `case`"),
        ),
        ("j.csv", "case,event,at\n", ("j.csv:1", "the column `sequence` is missing")),
    ],
)
def test_whole_files_refused(
    write: Write, name: str, content: str | bytes, expected: tuple[str, str]
) -> None:
    """A file that is no journal is refused with its place."""
    assert expected == refusal(write(name, content))[:2]


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is said to be not there."""
    assert ("j.jsonl", "there is no such file", "文件不存在") == refusal(tmp_path / "j.jsonl")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder cannot be read as a file."""
    (tmp_path / "j.jsonl").mkdir()

    assert (
        "j.jsonl",
        "the file cannot be opened for reading",
        "文件无法打开读取",
    ) == refusal(tmp_path / "j.jsonl")


WHOLE = Event(
    case="report/1",
    sequence=2,
    event="correct",
    date=parse_date("2009-03-03"),
    recorded_at=parse_instant(AT),
    actor=Actor(id="li"),
    data={"a": [1, None]},
    corrects=Correction(sequence=1, reason="twice", void=True),
)


def test_csv(write: Write) -> None:
    """A CSV journal has the same columns, structured ones as JSON; blank is absent."""
    path = write(
        "j.csv",
        "\ufeffsequence,case,event,at,recorded_at,actor,data,corrects\n"
        f"1,report/1,submit,{AT},,,,\n"
        f'2,report/1,correct,2009-03-03,{AT},"{{""id"": ""li""}}","{{""a"": [1, null]}}",'
        '"{""sequence"": 1, ""reason"": ""twice"", ""void"": true}"\n',
    )

    assert Journal(events=(SUBMITTED, WHOLE)) == read_journal(path)


def test_csv_needs_only_the_required_columns(write: Write) -> None:
    """The columns of what an event may lack may be absent."""
    path = write("j.csv", f"case,sequence,event,at\nreport/1,1,submit,{AT}\n")

    assert Journal(events=(SUBMITTED,)) == read_journal(path)


def test_bad_rows_of_a_csv_journal(write: Write) -> None:
    """A bad cell spoils its row alone, and is named by its column."""
    head = "case,sequence,event,at,data\n"
    rows = f"report/1,one,submit,{AT},\nreport/1,1,submit,{AT},{{\n,1,submit,{AT},\na,b\n"
    journal = read_journal(write("j.csv", head + rows))

    assert [
        ("j.csv:2", "`sequence` is `one`, but must be a whole number from 1"),
        (
            "j.csv:3",
            "`data`: this is not JSON: expecting property name enclosed in double quotes",
        ),
        ("j.csv:4", "the line has no `case`"),
        ("j.csv:5", "the number of cells is 2, that of columns 5"),
    ] == complaints(journal)


def test_parquet(tmp_path: Path) -> None:
    """A Parquet journal may hold numbers and instants of its own instead of text."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    at = dt.datetime(2009, 3, 2, 1, tzinfo=dt.UTC)
    table = pa.table(
        {
            "case": ["report/1", "report/1"],
            "sequence": [1, 2],
            "event": ["submit", "adopt"],
            "at": pa.array([at, at], pa.timestamp("ms", tz="Asia/Shanghai")),
            "data": [None, '{"outlet": "daily_express"}'],
        }
    )
    pq.write_table(table, tmp_path / "j.parquet")
    adopted = Event(
        case="report/1",
        sequence=2,
        event="adopt",
        at=parse_instant(AT),
        data={"outlet": "daily_express"},
    )

    assert Journal(events=(SUBMITTED, adopted)) == read_journal(tmp_path / "j.parquet")
