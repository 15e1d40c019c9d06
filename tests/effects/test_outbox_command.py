"""`kaocheng outbox` says which messages have not arrived, and offers them again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE, Clock, fail

from kaocheng import Engine
from kaocheng.calendars.numberline import DAY, parse_instant
from kaocheng.rendering.grid import cell_len
from kaocheng.stores import SqlStore
from kaocheng.stores.outbox import Outbox, Queue
from kaocheng.stores.schema import OUTBOX

Cli = Callable[..., Any]
Submit = Callable[[str], None]
WEBHOOK = "webhook:example.org#0a1b2c3d: the receiver"
LONG = "芜湖市" * 30

TEXT = f"""\
waiting: 2, put off: 1, delivered: 1, given up: 2
1/1  report/1  kaocheng.event
     attempts: 1, given up
     {WEBHOOK} is gone for good (410)
2/1  report/2  kaocheng.event
     attempts: 1, tried again from 2024-03-02T01:00:01Z
     hook: down
3/1  report/3  ?
     attempts: 1, given up
     the message is not JSON
"""
CHINESE = f"""\
待投递：2，其中推迟：1，已投递：1，已放弃：2
1/1  report/1  kaocheng.event
     已尝试 1 次，已放弃
     {WEBHOOK} is gone for good (410)
2/1  report/2  kaocheng.event
     已尝试 1 次，2024-03-02T01:00:01Z 起再次投递
     hook: down
3/1  report/3  ?
     已尝试 1 次，已放弃
     the message is not JSON
"""


@pytest.fixture
def box(store: SqlStore, submit: Submit) -> Outbox:
    """Of five messages two are given up, one is put off, one is delivered, and one waits."""
    for name in "12345":
        submit(name)
    with store.engine.begin() as connection:
        damaged = sa.update(OUTBOX).where(OUTBOX.c.subject == "report/3")
        connection.execute(damaged.values(message="{"))
    outbox = Outbox(store)
    gone, busy, damaged_one, arrived = outbox.claim(NINE, limit=4)
    outbox.give_up(gone, f"{WEBHOOK} is gone for good (410)")
    fail(outbox, busy, NINE)
    outbox.give_up(damaged_one, "the message is not JSON")
    outbox.delivered(arrived, NINE)
    return outbox


@pytest.fixture
def file(store: SqlStore) -> str:
    """The file of the database."""
    return str(store.engine.url.database)


@pytest.mark.parametrize(("language", "text"), [("en", TEXT), ("zh", CHINESE)])
def test_what_has_not_arrived_is_listed(
    box: Outbox, file: str, cli: Cli, language: str, text: str
) -> None:
    """With how often it was tried, why not, and when again; what is damaged has no type."""
    ran = cli("outbox", file, "--lang", language)

    assert (1, text, "") == (ran.code, ran.out, ran.err)
    assert Queue(waiting=2, failed=1, delivered=1, given_up=2) == box.queue()


@pytest.mark.usefixtures("box")
def test_the_list_as_json(file: str, cli: Cli) -> None:
    """The same, for programs; what is given up has no time."""
    ran = cli("outbox", file, "--format", "json", "--limit", "2")
    data = json.loads(ran.out)

    assert 1 == ran.code
    assert {
        "waiting": 2,
        "put_off": 1,
        "delivered": 1,
        "given_up": 2,
        "messages": [
            {
                "position": 1,
                "number": 1,
                "case": "report/1",
                "type": "kaocheng.event",
                "attempts": 1,
                "error": f"{WEBHOOK} is gone for good (410)",
                "again": None,
            },
            {
                "position": 2,
                "number": 1,
                "case": "report/2",
                "type": "kaocheng.event",
                "attempts": 1,
                "error": "hook: down",
                "again": "2024-03-02T01:00:01Z",
            },
        ],
    } == data


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("language", "last"),
    [("en", "… and 2 more; `--limit` shows them"), ("zh", "……另有 2 条，可用 `--limit` 查看")],
)
def test_a_list_that_is_cut_short_says_so(file: str, cli: Cli, language: str, last: str) -> None:
    """However many have failed, the list is bounded and the counts are of all."""
    ran = cli("outbox", file, "--limit", "1", "--lang", language)

    assert last == ran.out.splitlines()[-1]
    assert 5 == len(ran.out.splitlines())


def test_long_names_are_broken(store: SqlStore, submit: Submit, file: str, cli: Cli) -> None:
    """No line is wider than 80 columns, nothing is cut off, and nothing moves the cursor."""
    submit(LONG)
    (claim,) = Outbox(store).claim(NINE)
    Outbox(store).give_up(claim, f"{'no answer, ' * 20}\x1b[2J")
    ran = cli("outbox", file)

    assert 80 >= max(map(cell_len, ran.out.splitlines()))
    assert LONG in "".join(line.strip() for line in ran.out.splitlines())
    assert 20 == " ".join(ran.out.split()).count("no answer,")
    assert "\x1b" not in ran.out


def test_where_all_is_well(submit: Submit, store: SqlStore, file: str, cli: Cli) -> None:
    """Nothing is listed, and the exit code says so; what is put off is not lost."""
    submit("1")
    ran = cli("outbox", file)
    assert (0, "waiting: 1, put off: 0, delivered: 0, given up: 0\n") == (ran.code, ran.out)
    (claim,) = Outbox(store).claim(NINE)
    fail(Outbox(store), claim, NINE)

    assert 0 == cli("outbox", file).code


def test_everything_that_was_given_up_is_offered_again(box: Outbox, file: str, cli: Cli) -> None:
    """What is put off or delivered stays as it is."""
    ran = cli("outbox", file, "--redeliver")
    assert (0, "to be delivered again: 2\n", "") == (ran.code, ran.out, ran.err)
    assert Queue(waiting=4, failed=1, delivered=1, given_up=0) == box.queue()
    assert [1, 3, 5] == [claim.position for claim in box.claim(NINE)]

    assert "将再次投递：0\n" == cli("outbox", file, "--redeliver", "--lang", "zh").out


@pytest.mark.parametrize(
    ("message", "waiting"), [("2/1", [2, 5]), ("3/1", [3, 5]), ("4/1", [4, 5])]
)
def test_one_message_is_offered_again(
    box: Outbox, file: str, cli: Cli, message: str, waiting: list[int]
) -> None:
    """One that was delivered too, for a receiver that has lost it; one that is put off, now."""
    ran = cli("outbox", file, "--redeliver", message, "--format", "json")

    assert (0, {"redelivered": 1}) == (ran.code, json.loads(ran.out))
    assert waiting == [claim.position for claim in box.claim(NINE)]


def test_what_a_clock_far_ahead_has_claimed(
    store: SqlStore, submit: Submit, file: str, cli: Cli
) -> None:
    """It is listed, and whoever frees it overtakes whoever has claimed it."""
    submit("1")
    box, is_ahead = Outbox(store), parse_instant("2124-03-02T09:00:00+08:00")
    (claim,) = box.claim(is_ahead)
    english, chinese = cli("outbox", file), cli("outbox", file, "--lang", "zh")

    assert (
        "waiting: 1, put off: 0, delivered: 0, given up: 0\n"
        "1/1  report/1  kaocheng.event\n"
        "     claimed until 2124-03-02T01:02:00Z, clock ahead: `--redeliver 1/1`\n"
    ) == english.out
    assert (
        "     因时钟超前被领取至 2124-03-02T01:02:00Z，可用 `--redeliver 1/1` 重新投递\n"
    ) == chinese.out.partition("event\n")[2]
    assert ((), ()) == (box.claim(NINE + 365 * DAY), box.failing())
    assert 0 == cli("outbox", file, "--redeliver", "1/1").code
    assert not box.delivered(claim, is_ahead)
    assert [1] == [again.position for again in box.claim(NINE)]


BAD = [
    (
        ["--redeliver", "99/1"],
        "there is no message `99/1`, or nobody has taken it in yet",
        "没有消息 `99/1`，或该消息尚未进入投递",
    ),
    *(
        (
            ["--redeliver", wrong],
            f"`{wrong}` is no message; write its position and its number, as in `3/1`",
            f"`{wrong}` 不是消息编号，应写作“位置/序号”，如 `3/1`",
        )
        for wrong in ("1", "1/", "0/1", "1/1/1", "１/1", f"{10**30}/1", "report/1")
    ),
    (["1/1"], "it is needed where a message is named, as `1/1` is", "指明消息（`1/1`）时须写此项"),
]


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_cannot_be_offered_again(box: Outbox, file: str, cli: Cli, number: int) -> None:
    """A message that there is not, or that is new, is wrong use; nothing is changed."""
    arguments, en, zh = BAD[number]
    before = box.queue()
    english = cli("outbox", file, *arguments)
    chinese = cli("outbox", file, *arguments, "--lang", "zh")

    assert (2, "", f"error: --redeliver: {en}\n") == (english.code, english.out, english.err)
    assert (2, "", f"错误：--redeliver：{zh}\n") == (chinese.code, chinese.out, chinese.err)
    assert before == box.queue()


def test_each_tenant_has_an_outbox(
    engine: Engine, store: SqlStore, box: Outbox, file: str, cli: Cli
) -> None:
    """What is offered again is that of one tenant."""
    other = store.of("other")
    Engine(engine.ruleset, program=engine.program, store=other).act("report/1", "submit", at=NINE)

    assert cli("outbox", file, "--tenant", "other").out.startswith("waiting: 1, put off: 0")
    cli("outbox", file, "--tenant", "other", "--redeliver")
    assert 2 == box.queue().given_up


def test_many_are_offered_a_part_at_a_time(
    engine: Engine, store: SqlStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is offered once, also where the last part is full, and their attempts begin anew."""
    monkeypatch.setattr("kaocheng.stores.outbox._OFFERED_AT_ONCE", 2)
    for number in range(4):
        engine.act("report/1", "submit" if not number else "note", at=NINE)
    box = Outbox(store)
    for claim in box.claim(clock.now):
        box.give_up(claim, "no answer")

    assert 4 == box.queue().given_up
    assert 4 == box.redeliver_given_up()
    assert [0, 0, 0, 0] == [claim.attempts for claim in box.claim(clock.now)]


@pytest.mark.usefixtures("box")
def test_listing_takes_no_lock(store: SqlStore, file: str, cli: Cli, tmp_path: Path) -> None:
    """Whoever looks waits for nobody, and a database that is not there is not made."""
    with store.engine.begin():
        assert 1 == cli("outbox", file).code
    ran = cli("outbox", tmp_path / "no.db", "--redeliver")

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.endswith("there is no such file\n")
    assert not (tmp_path / "no.db").exists()


def test_on_postgres(postgres: str, engine: Engine, cli: Cli) -> None:
    """The same there."""
    store = SqlStore.open(postgres, tenant="outbox")
    Engine(engine.ruleset, program=engine.program, store=store).act("report/1", "submit", at=NINE)
    (claim,) = Outbox(store).claim(NINE)
    Outbox(store).give_up(claim, "gone")
    store.close()
    listed = cli("outbox", postgres, "--tenant", "outbox")
    ran = cli("outbox", postgres, "--tenant", "outbox", "--redeliver")

    assert "waiting: 0, put off: 0, delivered: 0, given up: 1" == listed.out.splitlines()[0]
    assert (0, "to be delivered again: 1\n") == (ran.code, ran.out)
