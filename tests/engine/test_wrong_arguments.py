"""Arguments that cannot be used: named, in both languages, and never an error of Python's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from kaocheng import Engine, Event, Host, Journal, assess
from kaocheng.engine.loading import BadEventError
from kaocheng.errors import ArgumentError
from kaocheng.stores import AsyncEngine, Outbox, SqlStore, Worker, deliver
from kaocheng.stores.comparing import compare

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


RULESET = "must be a ruleset, as `Host.load` gives it"
ZH_RULESET = "应为规则集（由 `Host.load` 给出）"
STORE = "must be a store; `SqlStore.open` makes one of an address"
ZH_STORE = "应为存储；数据库地址请交给 `SqlStore.open`"
CLOCK = "must be a function that gives the present in microseconds since 1970 UTC"
ZH_CLOCK = "应为给出当前时刻（自 1970 年起的微秒数，UTC）的函数"
POSITIVE = "must be a whole number from 1"
ZH_POSITIVE = "应为不小于 1 的整数"


def kept(engine: Engine) -> Engine:
    """An engine in a database."""
    return Engine(engine.ruleset, store=SqlStore.open(), program=engine.program)


def outbox() -> Outbox:
    """That of an empty database."""
    return Outbox(SqlStore.open())


TYPES: list[tuple[Callable[[Any, Any], object], str, str]] = [
    (lambda _, wrong: Engine(wrong), f"`ruleset` {RULESET}", f"`ruleset` {ZH_RULESET}"),
    (
        lambda e, wrong: Engine(e.ruleset, store=wrong),
        f"`store` {STORE}",
        f"`store` {ZH_STORE}",
    ),
    (
        lambda e, wrong: Engine(e.ruleset, program=wrong),
        "`program` must be a compiled program, as `Engine.program` has it",
        "`program` 应为已编译的程序（见 `Engine.program`）",
    ),
    (lambda e, wrong: Engine(e.ruleset, clock=wrong), f"`clock` {CLOCK}", f"`clock` {ZH_CLOCK}"),
    (
        lambda e, wrong: AsyncEngine(e.ruleset, store=wrong),
        "`store` must be an asynchronous store, as `AsyncSqlStore.open` makes one of an address",
        "`store` 应为异步存储（数据库地址请交给 `AsyncSqlStore.open`）",
    ),
    (
        lambda e, wrong: kept(e).plan_migration(wrong),
        f"`new` {RULESET}",
        f"`new` {ZH_RULESET}",
    ),
    (lambda e, wrong: e.visible(wrong), "`actor` must be an actor", "`actor` 应为办理人"),
    (
        lambda _, wrong: assess(wrong, Journal(events=()), as_of=MARCH),
        f"`ruleset` {RULESET}",
        f"`ruleset` {ZH_RULESET}",
    ),
    (
        lambda e, wrong: assess(e.ruleset, wrong, as_of=MARCH),
        "`journal` must be a journal",
        "`journal` 应为台账",
    ),
    (lambda e, wrong: compare(wrong, e.ruleset), f"`store` {STORE}", f"`store` {ZH_STORE}"),
    (
        lambda _, wrong: compare(SqlStore.open(), wrong),
        f"`ruleset` {RULESET}",
        f"`ruleset` {ZH_RULESET}",
    ),
    (
        lambda _, wrong: Worker(wrong, clock=lambda: 0),
        "`engines` must be a list of engines",
        "`engines` 应为引擎的列表",
    ),
    (
        lambda _, wrong: Worker([wrong], clock=lambda: 0),
        "`engines` must be a list of engines",
        "`engines` 应为引擎的列表",
    ),
    (
        lambda e, wrong: Worker([kept(e)], wrong, clock=lambda: 0),
        "`channels` must be a list of channels",
        "`channels` 应为渠道的列表",
    ),
    (lambda e, wrong: Worker([kept(e)], clock=wrong), f"`clock` {CLOCK}", f"`clock` {ZH_CLOCK}"),
    (
        lambda e, wrong: Worker([kept(e)], clock=lambda: 0, batch=wrong),
        f"`batch` {POSITIVE}",
        f"`batch` {ZH_POSITIVE}",
    ),
    (
        lambda _, wrong: deliver(wrong, [], clock=lambda: 0),
        f"`store` {STORE}",
        f"`store` {ZH_STORE}",
    ),
    (
        lambda _, wrong: deliver(SqlStore.open(), [], clock=wrong),
        f"`clock` {CLOCK}",
        f"`clock` {ZH_CLOCK}",
    ),
    (
        lambda _, wrong: deliver(SqlStore.open(), [], clock=lambda: 0, limit=wrong),
        f"`limit` {POSITIVE}",
        f"`limit` {ZH_POSITIVE}",
    ),
    (lambda _, wrong: Outbox(wrong), f"`store` {STORE}", f"`store` {ZH_STORE}"),
    (
        lambda _, wrong: outbox().claim(1, channels=(wrong,)),
        "`channels` must be a list of names",
        "`channels` 应为名称的列表",
    ),
    (
        lambda _, wrong: outbox().claim(1, lease=wrong),
        f"`lease` {POSITIVE}",
        f"`lease` {ZH_POSITIVE}",
    ),
    (
        lambda _, wrong: outbox().failing(limit=wrong),
        f"`limit` {POSITIVE}",
        f"`limit` {ZH_POSITIVE}",
    ),
    (
        lambda _, wrong: outbox().redeliver(wrong, 1),
        f"`position` {POSITIVE}",
        f"`position` {ZH_POSITIVE}",
    ),
    (
        lambda _, wrong: outbox().redeliver(1, wrong),
        f"`number` {POSITIVE}",
        f"`number` {ZH_POSITIVE}",
    ),
    (
        lambda _, wrong: Host().load(wrong),
        "`name` must be the name of a ruleset or a path, as text",
        "`name` 应为规则集名称或路径的文本",
    ),
    (
        lambda _, wrong: Host().check(wrong),
        "`name` must be the name of a ruleset or a path, as text",
        "`name` 应为规则集名称或路径的文本",
    ),
]


class Mute:
    """Something that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


WRONG = (1.5, b"x", Mute(), object(), datetime(2009, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("number", range(len(TYPES)))
def test_an_argument_of_another_type(shipped: Engine, number: int) -> None:
    """What people write first, and what cannot even be shown, is refused by name at once."""
    call, english, chinese = TYPES[number]
    for wrong in WRONG:
        with pytest.raises(ArgumentError) as error:
            call(shipped, wrong)

        assert (english, chinese) == (str(error.value), error.value.zh)


@pytest.mark.parametrize("number", [0, 1, 5, 7, 8, 10, 11, 13, 19])
def test_text_where_something_else_is_asked_for(shipped: Engine, number: int) -> None:
    """The name of a ruleset, the address of a store: the sentence says how it is done."""
    call, english, _ = TYPES[number]
    with pytest.raises(ArgumentError) as error:
        call(shipped, "sqlite://")

    assert english == str(error.value)


def test_a_class_is_no_store(shipped: Engine) -> None:
    """It has the methods, and nothing to do them with."""
    with pytest.raises(ArgumentError, match="must be a store"):
        Engine(shipped.ruleset, store=SqlStore)  # type: ignore[arg-type]


def deep() -> dict[str, object]:
    """A value that is nested deeper than Python goes."""
    value: dict[str, object] = {}
    for _ in range(100_000):
        value = {"a": value}
    return value


@pytest.mark.parametrize("make", [Mute, deep])
def test_what_cannot_be_shown(shipped: Engine, make: Callable[[], object]) -> None:
    """A value whose own text fails stands as dots in the sentence about it."""
    wrong: Any = make()
    (reason,) = shipped.act("unit/1", "admit", {"name": wrong}, at=MARCH, dry_run=True).reasons
    with pytest.raises(ArgumentError) as evaluator:
        shipped.assess(as_of=MARCH, evaluator=wrong)
    with pytest.raises(ArgumentError) as rule:
        shipped.standings(wrong)

    assert "bad_data" == reason.code
    assert "`…`" in reason.message()
    assert "there is no evaluator `…`" == str(evaluator.value)
    assert "`name` must be text" == str(rule.value)


HALVES: list[tuple[Callable[[Engine, str], object], str]] = [
    (lambda e, half: e.may("unit/1", at=half), "`at` is no time: `\ufffd` is not a date"),
    (lambda e, half: e.assess(as_of=half), "`as_of` is no instant: `\ufffd` is not a date"),
    (lambda e, half: e.assess(evaluator=half), "there is no evaluator `\ufffd`"),  # type: ignore[arg-type]
    (lambda e, half: e.explain("unit/1", rule=half), "the ruleset has no rule `\ufffd`"),
]


@pytest.mark.parametrize(("read", "expected"), HALVES)
def test_a_sentence_can_be_written(
    shipped: Engine, read: Callable[[Engine, str], object], expected: str
) -> None:
    """JSON knows half of a surrogate pair, and UTF-8 does not: no answer of a service breaks."""
    with pytest.raises(ArgumentError) as error:
        read(shipped, "\ud800")
    refused = shipped.act("unit/1", "admit", {"\udfff": 1}, at=MARCH)

    assert str(error.value).startswith(expected)
    assert "\ufffd" in error.value.zh
    assert ["`admit` carries no `\ufffd`"] == [r.message() for r in refused.reasons]


LONG_TIMES = [
    ("9" * 10_000_000, f"`{'9' * 60}…` is not an instant; write it as `2009-03-02T09:00:00+08:00`"),
    (
        f"2009-03-02T09:00:00.{'1' * 10_000_000}Z",
        f"`2009-03-02T09:00:00.{'1' * 40}…` is finer than a microsecond;"
        " write at most six decimals",
    ),
]


@pytest.mark.parametrize(("text", "expected"), LONG_TIMES)
def test_a_long_text_is_not_said_again(shipped: Engine, text: str, expected: str) -> None:
    """A sentence quotes its beginning."""
    with pytest.raises(ArgumentError) as error:
        shipped.history("unit/1", known_at=text)

    assert f"`known_at` is no instant: {expected}" == str(error.value)


def test_a_circular_has_two_times(shipped: Engine) -> None:
    """None is neither of them."""
    none: Any = None
    why = (
        " must be microseconds since 1970 UTC, or text such as `2009-03-02T09:00:00+08:00`,"
        " which `isoformat()` gives"
    )
    for times in ({"as_of": none, "known_at": MARCH}, {"as_of": MARCH, "known_at": none}):
        (missing,) = (name for name, time in times.items() if time is None)
        with pytest.raises(ArgumentError) as error:
            shipped.circular("2009", **times)
        assert f"`{missing}`{why}" == str(error.value)


@pytest.mark.parametrize("length", [10_000, 10_001, 10_000_000])
def test_the_reason_of_a_migration_is_kept_with_every_case(shipped: Engine, length: int) -> None:
    """So it is no longer than a page or two."""
    engine = kept(shipped)
    plan = engine.plan_migration(engine.ruleset)
    if length == 10_000:
        assert 0 == engine.migrate(plan, at=1, reason="x" * length)
        return
    with pytest.raises(ArgumentError) as error:
        engine.migrate(plan, at=1, reason="x" * length)

    assert "`reason` has more than 10,000 characters" == str(error.value)
    assert "`reason` 超过 10,000 个字符" == error.value.zh


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
        f"the ruleset has no rows for the period `2009-03` by what was known at `{MARCH}`",
        f"按截至 `{MARCH}` 获知的情况，规则集没有周期 `2009-03` 的结果",
    ),
    (
        lambda e: e.publish("bulletin/1", "publish", period="2009-03", at=MARCH),
        f"the ruleset has no rows for the period `2009-03` by what was known at `{MARCH}`",
        f"按截至 `{MARCH}` 获知的情况，规则集没有周期 `2009-03` 的结果",
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
