"""Arguments that cannot be used: named, in both languages, and never an error of Python's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from kaocheng import Engine, Event, Journal, assess
from kaocheng.engine.loading import BadEventError
from kaocheng.errors import ArgumentError
from kaocheng.stores.working import Worker

MARCH = "2009-03-02T09:00:00+08:00"
TIME = (
    "must be microseconds since 1970 UTC, or text such as `2009-03-02T09:00:00+08:00`, which"
    " `isoformat()` gives"
)
ZH_TIME = (
    "应为自 1970 年（UTC）起的微秒数，或如 `2009-03-02T09:00:00+08:00` 的文本"
    "（可由 `isoformat()` 得出）"
)
NO_INSTANT = "`2009-03-02` is not an instant; write it as `2009-03-02T09:00:00+08:00`"
ZH_NO_INSTANT = "`2009-03-02` 不是时刻，应写作 `2009-03-02T09:00:00+08:00`"
TURNED = (
    "holds a control of the direction of writing (U+202A to U+202E, U+2066 to U+2069), with which"
    " two ids look the same"
)
ZH_TURNED = "含有书写方向控制字符（U+202A 至 U+202E、U+2066 至 U+2069），会使两个编号看起来相同"
ENGINES = "`engines` must be at least one, and all on one store in a database"
ZH_ENGINES = "`engines` 至少应有一个，且须在同一数据库存储上"


def bare(engine: Any, **times: Any) -> object:  # noqa: ANN401 - of any type
    """An assessment without an engine."""
    return assess(engine.ruleset, Journal(events=()), **times)


def work(*engines: Engine) -> object:
    """A worker for these."""
    return Worker(engines, clock=lambda: 0)


CALLS: list[tuple[Callable[[Any], object], str, str]] = [
    (
        lambda e: e.may("report/1", at="2009-13-01"),
        "`at` is no time: `2009-13-01` names a day that does not exist",
        "`at` 不是时间：`2009-13-01` 中的日期不存在",
    ),
    (
        lambda e: e.actions("report/1", at=datetime(2009, 3, 2, tzinfo=UTC)),
        f"`at` {TIME}",
        f"`at` {ZH_TIME}",
    ),
    (
        lambda e: e.may("reprot/1", at=MARCH),
        "the ruleset has no kind `reprot`; did you mean `report`",
        "规则集没有类别 `reprot`；是否想写 `report`",
    ),
    (
        lambda e: e.may_read("1"),
        "`case` is none that there can be:"
        " the case `1` does not begin with its kind, as `report/2009-0131` does",
        "`case` 不可能存在：事项编号 `1` 未以类别开头，应如 `report/2009-0131`",
    ),
    (
        lambda e: e.circular("2009-03", as_of=MARCH, known_at=MARCH),
        "the ruleset has no rows for the period `2009-03`",
        "规则集没有周期 `2009-03` 的结果",
    ),
    (
        lambda e: e.publish("bulletin/1", "publish", period="2009-03", at=MARCH),
        "the ruleset has no rows for the period `2009-03`",
        "规则集没有周期 `2009-03` 的结果",
    ),
    (
        lambda e: e.publish("report/1", "adopt", period="2009-03", at=MARCH),
        "`case` cannot be `report/1`: the ruleset has bulletins of `bulletin` alone",
        "`case` 不能是 `report/1`：规则集的通报只属于 `bulletin`",
    ),
    (
        lambda e: e.may("report/\u202e1"),
        f"`case` {TURNED}",
        f"`case` {ZH_TURNED}",
    ),
    (
        lambda e: e.publish("bulletin/1", "publish", period="2009-03"),
        "`at` must be given, or the engine a clock",
        "`at` 须给出，或为引擎配置时钟",
    ),
    (
        lambda e: e.cases(overdue=True),
        "`overdue` needs an engine with a clock; `due_before` needs none",
        "`overdue` 须由配置了时钟的引擎判断；也可改用 `due_before`",
    ),
    (
        lambda e: e.migrate(None, at=0, reason="r"),
        "`plan` must be a plan, as `plan_migration` gives it",
        "`plan` 应为 `plan_migration` 所给出的方案",
    ),
    (lambda e: e.load(None), "`events` must be events", "`events` 应为事件"),
    (lambda e: e.load([{}]), "`events` must be events", "`events` 应为事件"),
    (lambda _: work(), ENGINES, ZH_ENGINES),
    (lambda e: work(Engine(e.ruleset, program=e.program)), ENGINES, ZH_ENGINES),
    (
        lambda e: bare(e, as_of="2009-03-02"),
        f"`as_of` is no instant: {NO_INSTANT}",
        f"`as_of` 不是时刻：{ZH_NO_INSTANT}",
    ),
    (
        lambda e: bare(e, as_of=0, known_at="2009-03-02"),
        f"`known_at` is no instant: {NO_INSTANT}",
        f"`known_at` 不是时刻：{ZH_NO_INSTANT}",
    ),
    *(
        (lambda e, wrong=wrong: bare(e, as_of=wrong), f"`as_of` {TIME}", f"`as_of` {ZH_TIME}")
        for wrong in (None, 1.5, datetime(2009, 3, 2, tzinfo=UTC))
    ),
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_an_argument_that_cannot_be_used(shipped: Engine, number: int) -> None:
    """It is an `ArgumentError`, and so what callers caught before: `ValueError`, `TypeError`."""
    call, english, chinese = CALLS[number]
    with pytest.raises(ArgumentError) as error:
        call(shipped)

    assert (english, chinese) == (str(error.value), error.value.zh)
    assert isinstance(error.value, ValueError)
    assert isinstance(error.value, TypeError)


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_an_id_that_reads_as_another(shipped: Engine, control: str) -> None:
    """Two lines of a worklist would look the same: no act opens such a case, and none is loaded."""
    case = f"report/{control}1"
    (reason,) = shipped.act(case, "submit", at=MARCH).reasons
    with pytest.raises(BadEventError) as error:
        shipped.load([Event(case=case, sequence=1, event="submit", at=0)])

    assert f"`case` {TURNED}" == reason.message()
    assert f"`case` {ZH_TURNED}" == reason.message("zh")
    assert (reason,) == error.value.reasons
    assert shipped.act("report/\u200f1", "submit", at=MARCH, dry_run=True).reasons != (reason,)


def test_an_assessment_takes_times_as_text(shipped: Engine) -> None:
    """As every call of the engine does."""
    journal = Journal(events=())
    known = assess(shipped.ruleset, journal, as_of=MARCH, known_at="2009-03-02T01:00:00.5Z").times

    assert (1_235_955_600_000_000, 1_235_955_600_500_000) == (known.as_of, known.known_at)
