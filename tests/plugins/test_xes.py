"""Event logs in XES."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from attrs import evolve

from kaocheng.calendars.numberline import parse_instant
from kaocheng.calendars.zones import build_zone
from kaocheng.errors import InputError
from kaocheng.journal import InputFormat, no_progress, read_table
from kaocheng.language.ruleset import ColumnInput, EventInput, Input
from kaocheng.language.types import DATE, INSTANT, STRING
from kaocheng.model.events import Event, Unreadable
from kaocheng_plugins import xes
from kaocheng_plugins.xes import XES, XES_EVENTS

AMSTERDAM = build_zone("Europe/Amsterdam")
LOG = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://example.org/concept.xesext"/>
  <global scope="trace"><string key="concept:name" value="default"/></global>
  <string key="concept:name" value="the log"/>
  <trace>
    <string key="concept:name" value="case-1"><string key="nested" value="x"/></string>
    <date key="deadline" value="2010-11-26T00:00:00.010+01:00"/>
    <list key="several"><values><string key="one" value="1"/></values></list>
    <event>
      <string key="concept:name" value="confirm &amp; send"/>
      <date key="time:timestamp" value="2010-10-02T09:20:39.266+02:00"/>
    </event>
    <event><string key="concept:name" value="check"/></event>
  </trace>
  <trace><string key="concept:name" value="case-2"/></trace>
</log>
"""
PERMIT = Input(
    id="permits",
    format="xes",
    kind="permit",
    case="concept:name",
    ignore=("*",),
    events=(
        EventInput(
            event="open",
            at=ColumnInput(column="startdate", type=INSTANT),
            data={
                "deadline": ColumnInput(column="deadline", type=DATE, blank="unknown"),
                "ended_at": ColumnInput(column="enddate", type=INSTANT, blank="never"),
                "channel": ColumnInput(column="channel", type=STRING),
            },
        ),
    ),
)


def rows(form: InputFormat, path: Path) -> list[object]:
    """The rows with their lines, and what could not be read."""
    found: list[object] = []
    for row in form.read_rows(path, no_progress):
        if isinstance(row, Unreadable):
            found.append((row.place.rpartition(":")[2], row.en))
        else:
            found.append((row[0].rpartition(":")[2], dict(row[1])))
    return found


def written(folder: Path, content: str | bytes, name: str = "log.xes") -> Path:
    """A log with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, form: InputFormat = XES) -> tuple[str, str]:
    """Where and why the log as a whole is refused."""
    with pytest.raises(InputError) as refused:
        rows(form, path)
    return refused.value.place.rpartition("/")[2], refused.value.message


TRACES = [
    ("6", {"concept:name": "case-1", "deadline": "2010-11-26T00:00:00.010+01:00"}),
    ("16", {"concept:name": "case-2"}),
]


@pytest.mark.parametrize("packed", [False, True])
def test_traces(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001
    """A trace is a row of its own attributes, compressed or not."""
    content = gzip.compress(LOG.encode()) if packed else LOG.encode()

    assert TRACES == rows(XES, written(tmp_path, content, "log.xes.gz" if packed else "log.xes"))


def test_a_compressed_log_by_another_name(tmp_path: Path) -> None:
    """Compression is seen in the file, not in its name."""
    assert TRACES == rows(XES, written(tmp_path, gzip.compress(LOG.encode())))


def test_events(tmp_path: Path) -> None:
    """An event is a row of its own attributes and those of its trace."""
    trace = {"case:concept:name": "case-1", "case:deadline": "2010-11-26T00:00:00.010+01:00"}

    assert [
        (
            "10",
            {
                **trace,
                "concept:name": "confirm & send",
                "time:timestamp": "2010-10-02T09:20:39.266+02:00",
            },
        ),
        ("14", {**trace, "concept:name": "check"}),
    ] == rows(XES_EVENTS, written(tmp_path, LOG))


def test_a_prefix_on_every_element(tmp_path: Path) -> None:
    """Elements may carry the prefix of their namespace."""
    text = '<x:log xmlns:x="u"><x:trace><x:int key="a" value="1"/></x:trace></x:log>'

    assert [("1", {"a": "1"})] == rows(XES, written(tmp_path, text))


@pytest.mark.parametrize(
    ("attributes", "en"),
    [
        (
            '<string key="a" value="1"/><string key="a" value="2"/>',
            "the trace has the attribute `a` twice",
        ),
        ('<string key="a"/>', "an attribute of the trace has no key or no value"),
    ],
)
def test_a_trace_that_cannot_be_read(tmp_path: Path, attributes: str, en: str) -> None:
    """A trace whose attributes are not clear is reported at its line, and so are its events."""
    good = '<trace><string key="a" value="3"/><event><int key="b" value="4"/></event></trace>'
    path = written(tmp_path, f"<log>\n<trace>{attributes}<event/></trace>\n{good}\n</log>")

    assert [("2", en), ("3", {"a": "3"})] == rows(XES, path)
    assert [("2", en), ("3", {"case:a": "3", "b": "4"})] == rows(XES_EVENTS, path)


@pytest.mark.parametrize(
    ("content", "name", "place", "en"),
    [
        (LOG[:400], "log.xes", "log.xes:8:5", "the log ends before it is complete"),
        (
            LOG[: LOG.index("<trace>")],
            "log.xes",
            "log.xes:6:3",
            "the log ends before it is complete",
        ),
        ("", "log.xes", "log.xes:1:1", "the log ends before it is complete"),
        (
            LOG.replace("</trace>", "</log>", 1),
            "log.xes",
            "log.xes:15:5",
            "the log is not well-formed XML: mismatched tag",
        ),
        (
            LOG,
            "log.xes.gz",
            "log.xes.gz",
            "the file is named `.gz`, but is not compressed with gzip",
        ),
        (
            "<pnml><trace/></pnml>",
            "log.xes",
            "log.xes:1:1",
            "the file is not an XES log: its first element is `pnml`, not `log`",
        ),
        (
            "<log>" + "<list>" * 200,
            "log.xes",
            "log.xes:1:600",
            "the elements of the log are nested more than 100 levels deep",
        ),
    ],
)
def test_refused(tmp_path: Path, content: str, name: str, place: str, en: str) -> None:
    """A log that is cut short, broken or something else is refused at its place."""
    assert (place, en) == refusal(written(tmp_path, content, name))


BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [
  <!ENTITY a "ha">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
]>
<log><trace><string key="a" value="&b;"/></trace></log>
"""
OUTSIDE = '<!DOCTYPE log SYSTEM "file:///etc/hostname"><log/>'


@pytest.mark.parametrize("form", [XES, XES_EVENTS], ids=lambda form: form.name)
@pytest.mark.parametrize(("content", "line"), [(BOMB, 2), (OUTSIDE, 1)])
def test_declarations_are_refused(
    tmp_path: Path, form: InputFormat, content: str, line: int
) -> None:
    """A document type declaration is refused before any entity is declared."""
    place, en = refusal(written(tmp_path, content), form)

    assert place.startswith(f"log.xes:{line}:")
    assert (
        "the log has a document type declaration, which XES does not allow and which is not safe"
    ) == en


def test_a_value_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single value cannot fill the memory."""
    monkeypatch.setattr(xes, "LARGEST_VALUE", 1024**2)
    text = f'<log><trace><string key="a" value="{"x" * 3 * 1024**2}"/></trace></log>'
    packed = written(tmp_path, gzip.compress(text.encode()), "log.xes.gz")

    assert ("log.xes.gz:1:13", "one value of the log is larger than 1 MB") == refusal(packed)


def test_a_truncated_archive(tmp_path: Path) -> None:
    """A compressed log that is cut short is refused, and one that is damaged too."""
    packed = gzip.compress(LOG.encode())
    damaged = packed[:40] + b"\xff\xff\xff" + packed[43:]
    short = written(tmp_path, packed[:-60], "short.xes.gz")
    wrong = written(tmp_path, packed[:-8] + b"\0" * 8, "wrong.xes.gz")

    assert "the log ends before it is complete" == refusal(short)[1]
    assert "the compressed data are damaged from here on" == refusal(wrong)[1]
    assert (
        "the compressed data are damaged from here on"
        == refusal(written(tmp_path, damaged, "damaged.xes.gz"))[1]
    )


def test_no_file(tmp_path: Path) -> None:
    """A log that is not there is said to be not there."""
    assert ("log.xes", "there is no such file") == refusal(tmp_path / "log.xes")


def test_progress_is_in_bytes(tmp_path: Path) -> None:
    """Progress ends at the size of the file, compressed as it is."""
    seen: list[tuple[int, int | None]] = []
    path = written(tmp_path, gzip.compress(LOG.encode()), "log.xes.gz")
    list(XES.read_rows(path, lambda *step: seen.append(step)))

    assert (path.stat().st_size, path.stat().st_size) == seen[-1]


def test_an_attribute_that_no_trace_has(tmp_path: Path) -> None:
    """A misspelt attribute is not taken for a blank one."""
    at = ColumnInput(column="dedline", type=INSTANT, blank="unknown")
    spec = evolve(PERMIT, events=(EventInput(event="open", at=at),))

    with pytest.raises(InputError, match=r"no column `dedline`.*did you mean `deadline`"):
        read_table(written(tmp_path, LOG), spec, XES, zone=AMSTERDAM)


def test_a_real_log(data_dir: Path) -> None:
    """Every trace of a real log gives its event, exact to the millisecond."""
    path = data_dir / "env_permit.xes.gz"
    journal = read_table(path, PERMIT, XES, zone=AMSTERDAM)
    first = journal.events[0]
    steps = list(XES_EVENTS.read_rows(path, no_progress))

    assert () == journal.unreadable
    assert 1_434 == len(journal.events)
    assert 8_577 == len(steps)
    assert (
        Event(
            case="permit/case-891",
            sequence=1,
            event="open",
            at=parse_instant("2010-10-01T00:00:00.020+02:00"),
            data={
                "deadline": "2010-11-26",
                "ended_at": "2010-11-12T12:40:44.661000Z",
                "channel": "Internet",
            },
        )
        == first
    )
