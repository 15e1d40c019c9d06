"""One line of a journal, every field checked."""

from __future__ import annotations

import pytest

from kaocheng.calendars.numberline import HOUR, parse_date, parse_instant
from kaocheng.journal.lines import event_fields, is_case_id, read_event
from kaocheng.journal.texts import Unfit
from kaocheng.model.events import Actor, Correction, Event

AT = "2009-03-02T09:00:00+08:00"
NO_OFFSET = (
    "`at`: `2009-03-02T09:00:00` has no offset from UTC; end it with one, such as `+08:00`,"
    " or with `Z`"
)
NO_INSTANT = (
    "`recorded_at`: `2009-03-02` is not an instant; write it as `2009-03-02T09:00:00+08:00`"
)


def line(**changes: object) -> dict[str, object]:
    """A good line with some keys changed; `...` takes a key away."""
    good = {"case": "report/1", "sequence": 1, "event": "submit", "at": AT}
    return {key: value for key, value in {**good, **changes}.items() if value is not ...}


def test_a_whole_line() -> None:
    """Every key of a line has its place in the event."""
    raw = line(
        sequence=3,
        recorded_at="2009-03-02T01:05:12Z",
        actor={"id": "li", "unit": "city_office", "roles": ["editor"]},
        data={"outlet": "daily_express"},
        corrects={"sequence": 2, "reason": "wrong day", "at": "2009-03-01"},
    )
    expected = Event(
        case="report/1",
        sequence=3,
        event="submit",
        at=parse_instant(AT),
        recorded_at=parse_instant("2009-03-02T01:05:12Z"),
        actor=Actor(id="li", unit="city_office", roles=("editor",)),
        data={"outlet": "daily_express"},
        corrects=Correction(sequence=2, reason="wrong day", date=parse_date("2009-03-01")),
    )

    assert expected == read_event(raw)


def test_a_dated_event() -> None:
    """An event of which only the day is known has a date and no instant."""
    event = read_event(line(at="2009-03-02"))

    assert (None, parse_date("2009-03-02")) == (event.at, event.date)


def test_an_event_at_an_unknown_time() -> None:
    """An event may have happened nobody knows when, which must be said."""
    event = read_event(line(at="unknown"))

    assert (None, None) == (event.at, event.date)
    assert "unknown" == event_fields(event)["at"]


def test_an_event_may_be_recorded_before_it_takes_effect() -> None:
    """A record earlier than the event is no mistake."""
    event = read_event(line(at=AT, recorded_at="2009-03-02T08:00:00+08:00"))

    assert (event.at or 0) - HOUR == event.recorded_at


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"case": ...}, "the line has no `case`", "该行缺少 `case`"),
        ({"at": ...}, "the line has no `at`", "该行缺少 `at`"),
        (
            {"sequense": 2},
            "the line has the key `sequense`, which is not known; did you mean `sequence`",
            "该行有未知的键 `sequense`；是否想写 `sequence`",
        ),
        (
            {"case": "2009-0131"},
            "the case `2009-0131` does not begin with its kind, as `report/2009-0131` does",
            "事项编号 `2009-0131` 未以类别开头，应如 `report/2009-0131`",
        ),
        (
            {"case": "report/ "},
            "the number of the case `report/ ` is empty, begins or ends with a blank,"
            " or holds a control character",
            "事项编号 `report/ ` 为空、首尾有空白或含有控制字符",
        ),
        (
            {"case": 7},
            "`case` is `7`, but must be text that is not empty",
            "`case` 为 `7`，应为非空文本",
        ),
        (
            {"sequence": "1"},
            '`sequence` is `"1"`, but must be a whole number from 1',
            '`sequence` 为 `"1"`，应为不小于 1 的整数',
        ),
        (
            {"sequence": 0},
            "`sequence` is `0`, but must be a whole number from 1",
            "`sequence` 为 `0`，应为不小于 1 的整数",
        ),
        (
            {"sequence": True},
            "`sequence` is `true`, but must be a whole number from 1",
            "`sequence` 为 `true`，应为不小于 1 的整数",
        ),
        (
            {"event": " "},
            "`event` is ` `, but must be text that is not empty",
            "`event` 为 ` `，应为非空文本",
        ),
        (
            {"at": "2009-03-02T09:00:00"},
            NO_OFFSET,
            "`at`：`2009-03-02T09:00:00` 没有时区偏移，末尾应写 `+08:00` 之类的偏移或 `Z`",
        ),
        (
            {"at": "2009-02-29"},
            "`at`: `2009-02-29` names a day that does not exist",
            "`at`：`2009-02-29` 中的日期不存在",
        ),
        (
            {"at": None},
            "`at` is `null`, but must be a date or an instant as text",
            "`at` 为 `null`，应为以文本书写的日期或时刻",
        ),
        (
            {"recorded_at": "2009-03-02"},
            NO_INSTANT,
            "`recorded_at`：`2009-03-02` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`",
        ),
        (
            {"data": [1]},
            "`data` is `[1]`, but must be an object with keys and values",
            "`data` 为 `[1]`，应为由键和值组成的对象",
        ),
        (
            {"actor": "li"},
            "`actor` is `li`, but must be an object with keys and values",
            "`actor` 为 `li`，应为由键和值组成的对象",
        ),
        ({"actor": {"unit": "x"}}, "`actor` has no `id`", "`actor` 缺少 `id`"),
        (
            {"actor": {"id": "li", "role": []}},
            "`actor` has the key `role`, which is not known; did you mean `roles`",
            "`actor` 有未知的键 `role`；是否想写 `roles`",
        ),
        (
            {"actor": {"id": "li", "roles": "editor"}},
            "`roles` is `editor`, but must be a list of texts",
            "`roles` 为 `editor`，应为文本清单",
        ),
    ],
    ids=str,
)
def test_refused(changes: dict[str, object], en: str, zh: str) -> None:
    """A line with a wrong field is refused in a sentence that names the field."""
    with pytest.raises(Unfit) as refused:
        read_event(line(**changes))

    assert (en, zh) == (refused.value.text.en, refused.value.text.zh)


@pytest.mark.parametrize(
    ("corrects", "en"),
    [
        ({"sequence": 1}, "`corrects` has no `reason`"),
        (
            {"sequence": 2, "reason": "r", "void": True},
            "event 2 corrects event 2, which is not earlier",
        ),
        (
            {"sequence": 1, "reason": "r"},
            "the correction changes nothing: write `void`, `at` or `data`",
        ),
        (
            {"sequence": 1, "reason": "r", "data": {}},
            "the correction changes nothing: write `void`, `at` or `data`",
        ),
        ({"sequence": 1, "reason": "r", "void": False}, "`void` is `false`, but must be true"),
        (
            {"sequence": 1, "reason": "r", "void": True, "data": {"a": 1}},
            "a correction that voids an event cannot also replace its `data`",
        ),
        (
            {"sequence": 1, "reason": "", "void": True},
            "`reason` is ``, but must be text that is not empty",
        ),
        (
            {"sequence": 1, "reason": "r", "voids": True},
            "`corrects` has the key `voids`, which is not known; did you mean `void`",
        ),
        ("void", "`corrects` is `void`, but must be an object with keys and values"),
    ],
    ids=str,
)
def test_refused_corrections(corrects: object, en: str) -> None:
    """A correction names an earlier event, a reason and one thing that it changes."""
    with pytest.raises(Unfit) as refused:
        read_event(line(sequence=2, corrects=corrects))

    assert en == refused.value.text.en


def test_absent_keys_stay_absent() -> None:
    """What a line does not carry is not written back."""
    assert ["case", "sequence", "event", "at"] == list(event_fields(read_event(line())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("report/1", True),
        ("report/a b/c", True),
        ("report/", False),
        ("Report/1", False),
        ("report/ 1", False),
        ("report/1\x1b[2J", False),
        ("report/1\n", False),
        ("x", False),
    ],
)
def test_case_ids(text: str, expected: bool) -> None:  # noqa: FBT001
    """A case id is a kind, a slash and an id that is not blank."""
    assert expected is is_case_id(text)
