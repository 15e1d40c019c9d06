"""Damaged rows and events: each is named and counted, and the others are assessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from damage import AS_OF, BREACH, PERMIT, WUHU, line, swap, written

# What single rows are refused for: ruleset, damage, rows in all, the messages of those not read.
UNREADABLE = {
    "cell-that-is-no-time": (
        BREACH,
        swap("02/16/2019 12:00:00 AM", "02/30/2019 12:00:00 AM"),
        10,
        [
            "notices.csv:3: column `DateSubmitted`: `02/30/2019 12:00:00 AM` is not written as"
            " `%m/%d/%Y %I:%M:%S %p`"
        ],
    ),
    "cell-that-is-blank": (
        BREACH,
        swap("02/16/2019 12:00:00 AM", ""),
        10,
        ["notices.csv:3: column `DateSubmitted`: the cell is blank, but must not be"],
    ),
    "cell-that-is-no-number": (
        BREACH,
        swap(",1291,", ",many,"),
        10,
        ["notices.csv:3: column `WashingtoniansAffected`: `many` is not a whole number"],
    ),
    "case-without-id": (
        BREACH,
        swap("Synthetic Company 2,2,", "Synthetic Company 2,,"),
        10,
        ["notices.csv:3: column `Id`: the cell is blank, but must not be"],
    ),
    "row-cut-short": (
        BREACH,
        lambda data: data.replace(line(data, 4), line(data, 4)[:40] + b"\n"),
        10,
        ["notices.csv:4: the number of cells is 2, that of columns 25"],
    ),
    "row-twice": (
        BREACH,
        lambda data: data + line(data, 3),
        11,
        [
            "notices.csv:12: the case `breach/2` stands also at notices.csv:3, with the same"
            " values; it is counted once"
        ],
    ),
    "row-against-row": (
        BREACH,
        lambda data: data + line(data, 3).replace(b"Company 2", b"Company 22"),
        11,
        [
            "notices.csv:3: the case `breach/2` stands also at notices.csv:12, with other values;"
            " neither row is counted",
            "notices.csv:12: the case `breach/2` stands also at notices.csv:3, with other values;"
            " neither row is counted",
        ],
    ),
    "line-cut": (
        WUHU,
        lambda data: data[:-60],
        10,
        ["march.jsonl:10:144: this is not JSON: unterminated string starting at"],
    ),
    "line-without-time": (
        WUHU,
        swap('"at": "2009-03-01T16:00:00+08:00", ', ""),
        10,
        ["march.jsonl:3: the line has no `at`"],
    ),
    "impossible-day": (
        WUHU,
        swap("2009-03-01T16:00:00+08:00", "2009-02-30T16:00:00+08:00"),
        10,
        ["march.jsonl:3: `at`: `2009-02-30T16:00:00+08:00` names a day that does not exist"],
    ),
    "impossible-hour": (
        WUHU,
        swap("2009-03-01T16:00:00+08:00", "2009-03-01T25:00:00+08:00"),
        10,
        ["march.jsonl:3: `at`: `2009-03-01T25:00:00+08:00` names a time that does not exist"],
    ),
    "no-zone": (
        WUHU,
        swap("2009-03-01T16:00:00+08:00", "2009-03-01T16:00:00"),
        10,
        [
            "march.jsonl:3: `at`: `2009-03-01T16:00:00` has no offset from UTC; end it with one,"
            " such as `+08:00`, or with `Z`"
        ],
    ),
    "impossible-zone": (
        WUHU,
        swap("2009-03-01T16:00:00+08:00", "2009-03-01T16:00:00+99:00"),
        10,
        [
            "march.jsonl:3: `at`: `2009-03-01T16:00:00+99:00` has the offset `+99:00`,"
            " which does not exist"
        ],
    ),
    "case-without-kind": (
        WUHU,
        swap('"report/synthetic-2"', '"synthetic-2"'),
        10,
        [
            "march.jsonl:6: the case `synthetic-2` does not begin with its kind,"
            " as `report/2009-0131` does"
        ],
    ),
    "case-with-a-blank": (
        WUHU,
        swap('"report/synthetic-2"', '"report/ synthetic-2"'),
        10,
        [
            "march.jsonl:6: the number of the case `report/ synthetic-2` is empty, begins or ends"
            " with a blank, or holds a control character"
        ],
    ),
    "case-with-a-control-character": (
        WUHU,
        swap('"report/synthetic-2"', '"report/\\u001b[2J"'),
        10,
        [
            "march.jsonl:6: the number of the case `report/\x1b[2J` is empty, begins or ends"
            " with a blank, or holds a control character"
        ],
    ),
    "sequence-as-text": (
        WUHU,
        swap('"sequence": 1,', '"sequence": "1",'),
        10,
        ['march.jsonl:1: `sequence` is `"1"`, but must be a whole number from 1'],
    ),
    "event-twice": (
        WUHU,
        lambda data: data + line(data, 1),
        11,
        [
            "march.jsonl:11: event 1 of `report/synthetic-1` stands here again, word for word as"
            " at march.jsonl:1; it is counted once"
        ],
    ),
    "event-against-event": (
        WUHU,
        lambda data: data + line(data, 7).replace(b"verify", b"reject"),
        11,
        [
            "march.jsonl:7: event 2 of `report/synthetic-2` stands also at march.jsonl:11,"
            " with other content; neither is counted",
            "march.jsonl:11: event 2 of `report/synthetic-2` stands also at march.jsonl:7,"
            " with other content; neither is counted",
        ],
    ),
    "sequence-too-large": (
        WUHU,
        swap('"sequence": 1,', '"sequence": 99999999999999999999,'),
        10,
        ["march.jsonl:1: `sequence` is `99999999999999999999`, but must be a whole number from 1"],
    ),
    "not-a-number": (
        WUHU,
        swap('"sequence": 1,', '"sequence": NaN,'),
        10,
        ["march.jsonl:1: `NaN` is not a number"],
    ),
    "attribute-that-is-no-time": (
        PERMIT,
        swap('key="enddate" value="2', 'key="enddate" value="X2'),
        10,
        [
            "permits.xes:6: column `enddate`: `X2010-11-12T13:40:44.661+01:00` is not an instant;"
            " write it as `2009-03-02T09:00:00+08:00`"
        ],
    ),
    "attribute-without-key": (
        PERMIT,
        swap('key="deadline"', 'kee="deadline"'),
        10,
        ["permits.xes:6: an attribute of the trace has no key or no value"],
    ),
    "trace-without-id": (
        PERMIT,
        swap('key="concept:name"', 'key="concept:nam"'),
        10,
        ["permits.xes:6: column `concept:name`: the cell is blank, but must not be"],
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_row_that_cannot_be_read(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """The row is named and counted, the others are assessed, and the exit code is 1."""
    ruleset, damage, rows, messages = UNREADABLE[name]
    path = written(tmp_path, samples, ruleset, damage)
    ran = cli("assess", ruleset, path, *AS_OF[: 0 if ruleset == WUHU else 2], "--format", "json")
    data = json.loads(ran.out)
    seen = [f"{u['place']}: {u['en']}".replace(f"{tmp_path}/", "") for u in data["unreadable"]]
    read = data["summary"]["cases"] if ruleset != WUHU else rows - len(messages)

    assert (1, "") == (ran.code, ran.err)
    assert messages == seen
    assert len(messages) == data["summary"]["unreadable"]
    assert rows == read + len(messages)
    assert all(u["zh"] for u in data["unreadable"])


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_row_that_cannot_be_read_is_printed(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, name: str, form: str
) -> None:
    """A table names the rows below it; CSV, which has no room for them, on standard error."""
    ruleset, damage, _, messages = UNREADABLE[name]
    path = written(tmp_path, samples, ruleset, damage)
    ran = cli("assess", ruleset, path, "--format", form)
    where = ran.out if form == "table" else ran.err
    shown = [message.replace("\x1b", "\ufffd") for message in messages]
    block = [f"lines not read: {len(messages)}", *(f"  {tmp_path}/{m}" for m in shown)]

    assert 1 == ran.code
    assert "\n".join(block) in where.replace(f" {path}:", f" {tmp_path}/{path.name}:").replace(
        f"at {tmp_path}/", "at "
    )


# What is read but does not fit the ruleset.
UNFIT = {
    "event-out-of-order": (
        swap('"sequence": 2, "event": "verify"', '"sequence": 2, "event": "close"'),
        "report/synthetic-1#2: the event `close` is not accepted in the state `submitted`;"
        " the state stays",
    ),
    "unknown-event": (
        swap('"sequence": 5, "event": "choose_best"', '"sequence": 5, "event": "chose_best"'),
        "report/synthetic-1#5: no part of the kind `report` names the event `chose_best`;"
        " did you mean `choose_best`",
    ),
    "unknown-kind": (
        swap('"unit/synthetic-002", "sequence"', '"unitt/synthetic-002", "sequence"'),
        "unitt/synthetic-002: the ruleset has no kind `unitt` (cases in the journal: 1);"
        " did you mean `unit`",
    ),
    "unknown-data": (
        swap('"genre"', '"gender"'),
        "report/synthetic-1#1: the kind `report` takes no `gender` from the event `submit`;"
        " did you mean `genre`",
    ),
    "unknown-value": (
        swap('"dynamic"', '"dinamic"'),
        "report/synthetic-1#1: `genre` of the event `submit`: `dinamic` is none of `dynamic`,"
        " `problem`, `research`, `composite`; did you mean `dynamic`; it counts as unknown",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_event_that_does_not_fit(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """The event is named with its file, case and number; the exit code is 1."""
    damage, message = UNFIT[name]
    path = written(tmp_path, samples, WUHU, damage)
    ran = cli("assess", WUHU, path, "--format", "json")
    data = json.loads(ran.out)

    assert (1, "") == (ran.code, ran.err)
    assert f"{path}:{message}" == "{place}: {en}".format(**data["problems"][0])
    assert len(data["problems"]) == data["summary"]["problems"]
    assert data["problems"][0]["zh"]


def test_explaining_a_damaged_input(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path
) -> None:
    """An explanation says on standard error which lines it does without."""
    path = written(tmp_path, samples, BREACH, swap("02/16/2019", "02/30/2019"))
    ran = cli("explain", BREACH, path, "--case", "1")

    assert 1 == ran.code
    assert ran.out.startswith("notice to the Attorney General")
    assert ran.err.startswith(f"lines not read: 1\n  {path}:3: column `DateSubmitted`:")
