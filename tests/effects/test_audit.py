"""Whatever is done to a journal behind the library's back is found, with its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE

from kaocheng import Engine
from kaocheng.stores import SqlStore
from kaocheng.stores.audit import Audit, tenants, verify
from kaocheng.stores.codec import chained

Cli = Callable[..., Any]

EVENTS = 6


@pytest.fixture
def journal(engine: Engine, store: SqlStore) -> SqlStore:
    """A journal of six events of two cases."""
    for number in range(EVENTS):
        event = "submit" if number < 2 else "note"
        assert engine.act(f"report/{number % 2}", event, at=NINE + number).accepted
    return store


def run(store: SqlStore, *statements: str) -> None:
    """Change the database as no engine would."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def found(store: SqlStore) -> tuple[str, int, int]:
    """What is wrong, where, and how many events before it are whole."""
    audit = verify(store)
    assert audit.broken is not None
    assert audit.broken.why.en != audit.broken.why.zh
    return audit.broken.code, audit.broken.position, audit.events


MOVE = "UPDATE kaocheng_events SET position = {} WHERE position = {}"
INSERT = (
    "INSERT INTO kaocheng_events SELECT tenant, {}, 'report/9', 1,"
    " replace(line, 'report/1', 'report/9'), '{}' FROM kaocheng_events WHERE position = {}"
)
UP = [MOVE.format(place + 1, place) for place in (6, 5, 4, 3)]
DOWN = [MOVE.format(place - 1, place) for place in (4, 5, 6)]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE kaocheng_events SET line = replace(line, 'note', 'nope') WHERE position = 3"],
         ("changed", 3, 2)),
        (["UPDATE kaocheng_events SET line = line || ' ' WHERE position = 6"], ("changed", 6, 5)),
        (["UPDATE kaocheng_events SET line = '' WHERE position = 1"], ("changed", 1, 0)),
        (["UPDATE kaocheng_events SET hash = 'f' WHERE position = 3"], ("hash_changed", 3, 2)),
        (["UPDATE kaocheng_events SET hash = 'f' WHERE position = 6"], ("hash_changed", 6, 5)),
        (["DELETE FROM kaocheng_events WHERE position = 3"], ("missing", 3, 2)),
        (["DELETE FROM kaocheng_events WHERE position < 3"], ("missing", 1, 0)),
        (["DELETE FROM kaocheng_events WHERE position = 3", *DOWN], ("changed", 3, 2)),
        (["DELETE FROM kaocheng_events WHERE position > 4"], ("truncated", 5, 4)),
        (["DELETE FROM kaocheng_events"], ("truncated", 1, 0)),
        ([*UP, INSERT.format(3, "f", 2)], ("inserted", 3, 2)),
        ([MOVE.format(99, 3), MOVE.format(3, 5), MOVE.format(5, 99)], ("inserted", 3, 2)),
        ([MOVE.format(99, 3), MOVE.format(3, 4), MOVE.format(4, 99)], ("swapped", 3, 2)),
        ([INSERT.format(7, "f", 2)], ("beyond", 7, 6)),
        (["UPDATE kaocheng_tenants SET position = 4"], ("beyond", 5, 4)),
        (["UPDATE kaocheng_tenants SET position = 7"], ("truncated", 7, 6)),
        (["UPDATE kaocheng_tenants SET head = 'f'"], ("head", 6, 6)),
        (["DELETE FROM kaocheng_tenants"], ("no_tenant", 0, 6)),
        (["DELETE FROM kaocheng_tenants", "DELETE FROM kaocheng_events"], ("gone", 0, 0)),
        ([INSERT.format(0, "f", 2)], ("before", 0, 0)),
        ([INSERT.format(-5, "f", 2)], ("before", -5, 0)),
        (["UPDATE kaocheng_events SET \"case\" = 'report/9' WHERE position = 3"],
         ("column", 3, 2)),
        (["UPDATE kaocheng_events SET sequence = 77 WHERE position = 3"], ("column", 3, 2)),
    ],
)  # fmt: skip
def test_the_first_break_is_found(
    journal: SqlStore, statements: list[str], expected: tuple[str, int, int]
) -> None:
    """A changed, removed, inserted or swapped event and a cut tail each have their name."""
    run(journal, *statements)

    assert expected == found(journal)


def test_lines_that_changed_places(journal: SqlStore) -> None:
    """Two lines that were exchanged under their old hashes are named as a pair."""
    with journal.engine.begin() as connection:
        query = sa.text('SELECT line, "case", sequence FROM kaocheng_events WHERE position = :p')
        one, two = (connection.execute(query, {"p": place}).one() for place in (3, 4))
        away = "UPDATE kaocheng_events SET sequence = -position WHERE position IN (3, 4)"
        connection.execute(sa.text(away))
        change = sa.text(
            'UPDATE kaocheng_events SET line = :l, "case" = :c, sequence = :s WHERE position = :p'
        )
        for place, row in ((3, two), (4, one)):
            values = {"l": row[0], "c": row[1], "s": row[2], "p": place}
            connection.execute(change, values)

    assert ("swapped", 3, 2) == found(journal)


def test_an_event_with_a_hash_of_its_own(journal: SqlStore) -> None:
    """One that was put in and fits what is before it does not fit what is behind it."""
    whole = verify(journal)
    with journal.engine.begin() as connection:
        query = sa.text("SELECT hash FROM kaocheng_events WHERE position = 2")
        before = connection.execute(query).scalar_one()
        line = sa.text("SELECT replace(line, 'report/1', 'report/9') FROM kaocheng_events"
                       " WHERE position = 2")  # fmt: skip
        made = chained(before, connection.execute(line).scalar_one())
    run(journal, *UP, INSERT.format(3, made, 2))

    assert whole.passed
    assert "inserted" == found(journal)[0]


def test_a_journal_made_anew(journal: SqlStore) -> None:
    """Whoever makes all hashes again is found out by a head that was noted before."""
    noted = verify(journal).head
    with journal.engine.begin() as connection:
        rows = connection.execute(
            sa.text("SELECT position, line FROM kaocheng_events ORDER BY position")
        ).all()
        head = "0" * 64
        for position, line in rows:
            text = line.replace('"note"', '"nope"')
            head = chained(head, text)
            values = {"l": text, "h": head, "p": position}
            change = "UPDATE kaocheng_events SET line = :l, hash = :h WHERE position = :p"
            connection.execute(sa.text(change), values)
        connection.execute(sa.text("UPDATE kaocheng_tenants SET head = :h"), {"h": head})

    assert verify(journal).passed
    broken = verify(journal, seen=noted).broken
    assert broken is not None
    assert "not_seen" == broken.code


def test_heads_of_any_time_are_in_the_chain(journal: SqlStore, engine: Engine) -> None:
    """A head that was noted stays in the chain, whatever is added; so does that of nothing."""
    noted = verify(journal).head
    engine.act("report/1", "note", at=NINE + 9)

    assert verify(journal, seen=noted).passed
    assert verify(journal, seen="0" * 64).passed


def test_progress_is_told(journal: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long journal says how far it is, out of how many."""
    monkeypatch.setattr("kaocheng.stores.audit._PAGE", 2)
    told: list[tuple[int, int | None]] = []
    verify(journal, on_progress=lambda done, total: told.append((done, total)))

    assert [(2, 6), (4, 6), (6, 6)] == told


def test_tenants_have_chains_of_their_own(journal: SqlStore, engine: Engine, cli: Cli) -> None:
    """Each tenant's journal is looked at; what is wrong with one says nothing of another."""
    other = journal.of("other")
    Engine(engine.ruleset, program=engine.program, store=other).act("report/1", "note", at=NINE)
    run(journal, "DELETE FROM kaocheng_events WHERE position = 3")
    file = journal.engine.url.database
    ran = cli("audit", "verify", file)
    one = cli("audit", "verify", file, "--tenant", "other")

    assert ("default", "other") == tenants(journal)
    assert Audit(tenant="other", events=1, head=verify(other).head) == verify(other)
    assert 1 == ran.code
    lines = ran.out.splitlines()
    assert "default: broken at position 3: the events at positions 3 to 3 are missing" == lines[0]
    assert lines[1].startswith("  whole before it: 2, head: ")
    assert f"other: ok, events: 1, head: {verify(other).head}" == lines[2]
    assert (0, f"{lines[2]}\n") == (one.code, one.out)


def test_the_command_in_chinese(journal: SqlStore, cli: Cli) -> None:
    """What breaks is said in Chinese too, with the case that stands there."""
    run(journal, "UPDATE kaocheng_events SET hash = 'f' WHERE position = 3")
    ran = cli("audit", "verify", journal.engine.url.database, "--lang", "zh")

    first = "default：在第 3 号处断开（report/0）：校验码被改动，该行内容未变"
    assert first == ran.out.splitlines()[0]
    assert 1 == ran.code


def test_what_stands_beside_the_journal(journal: SqlStore, desk_folder: Path, cli: Cli) -> None:
    """With a ruleset cases and timers are laid beside the journal of each tenant."""
    words = ("audit", "verify", journal.engine.url.database, "--ruleset", desk_folder)
    whole = cli(*words)
    run(journal, "UPDATE kaocheng_cases SET due = 0", "DELETE FROM kaocheng_timers")
    ran, chinese = cli(*words), cli(*words, "--lang", "zh")
    head = verify(journal).head

    assert 0 == whole.code
    assert (
        f"default: ok, events: 6, head: {head}\ndefault: as the journal says, cases: 2\n"
        == whole.out
    )
    assert (1, 1) == (ran.code, chinese.code)
    assert [
        "default: not as the journal says, differences: 4, cases: 2",
        "  case report/0: `due` is `1970-01-01T08:00:00+08:00`,"
        " but the journal says `2024-03-02T11:00:00+08:00`",
        "  timer report/0: the timer of `verification` at 2024-03-02T11:00:00.000001+08:00"
        " is missing",
    ] == ran.out.splitlines()[1:4]
    assert [
        "default：与台账不一致，不符之处：4，事项：2",
        "  事项 report/0：`due` 所存为 `1970-01-01T08:00:00+08:00`，"
        "按台账应为 `2024-03-02T11:00:00+08:00`",
        "  定时 report/0：规则 `verification` 于 2024-03-02T11:00:00.000001+08:00 到期的定时缺失",
    ] == chinese.out.splitlines()[1:4]


def test_a_broken_journal_is_no_measure(journal: SqlStore, desk_folder: Path, cli: Cli) -> None:
    """Where the chain breaks, nothing is compared with it."""
    run(journal, "UPDATE kaocheng_events SET hash = 'f' WHERE position = 3")
    ran = cli("audit", "verify", journal.engine.url.database, "--ruleset", desk_folder)

    assert (1, 2) == (ran.code, len(ran.out.splitlines()))


def test_other_texts_and_kinds_are_counted(journal: SqlStore, desk_folder: Path, cli: Cli) -> None:
    """Cases of another text must go over first; those of other rulesets are none of this one's."""
    file = journal.engine.url.database
    other = cli("audit", "verify", file, "--ruleset", "zhonglou-quarter")
    elsewhere = cli("audit", "verify", file, "--ruleset", "nis2", "--lang", "zh")
    run(journal, "UPDATE kaocheng_cases SET state = 'verified', unit = 'unit/1', sequence = 9",
        "DELETE FROM kaocheng_timers", "DELETE FROM kaocheng_outbox")  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kaocheng.stores.comparing.MOST", 3)
        many = cli("audit", "verify", file, "--ruleset", desk_folder)

    assert (1, 0, 1) == (other.code, elsewhere.code, many.code)
    text = "  kept under another text of the ruleset: 2, as report/0; plan a migration"
    assert ["default: as the journal says, cases: 0", text] == other.out.splitlines()[1:]
    assert [
        "default：与台账一致，事项：0",
        "  该规则集没有其类别的事项：2",
    ] == elsewhere.out.splitlines()[1:]
    first = "default: not as the journal says, differences: more than 3; no others were looked for"
    assert (first, 5) == (many.out.splitlines()[1], len(many.out.splitlines()))


def test_a_tenant_that_is_not_there(journal: SqlStore, cli: Cli) -> None:
    """A name that was misspelt is no whole journal."""
    file = journal.engine.url.database
    text = "error: --tenant: the database has no tenant `defualt`; did you mean `default`\n"

    for words in (("audit", "verify", file), ("export", file), ("outbox", file)):
        ran = cli(*words, "--tenant", "defualt")
        assert (2, "", text) == (ran.code, ran.out, ran.err)
    chinese = cli("export", file, "--tenant", "defualt", "--lang", "zh").err
    assert "错误：--tenant：数据库中没有租户 `defualt`；是否想写 `default`\n" == chinese


def test_a_database_without_events(store: SqlStore, cli: Cli) -> None:
    """Nothing is whole, and a tenant that nobody has written for too."""
    file = store.engine.url.database

    assert "the database has no events\n" == cli("audit", "verify", file).out
    assert cli("audit", "verify", file, "--tenant", "x").out.startswith("x: ok, events: 0")
    assert 2 == cli("audit", "verify", file, "--head", "f").code


def test_a_copy_is_not_touched(journal: SqlStore, cli: Cli, tmp_path: Path) -> None:
    """Looking at a back-up leaves every byte of it as it was, and nothing beside it."""
    copy = tmp_path / "copies" / "back up #1?%20.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(str(journal.engine.url.database), isolation_level=None)) as live:
        live.execute("VACUUM INTO ?", [str(copy)])
    before = copy.read_bytes()
    codes = [cli("audit", "verify", copy).code, cli("export", copy).code]

    assert ([0, 0], before) == (codes, copy.read_bytes())
    assert [copy] == list(copy.parent.iterdir())


@pytest.mark.parametrize("name", ["no.db", "a" * 300, "a\0b", "sqlite:///no.db"])
def test_files_that_are_not_there(cli: Cli, name: str) -> None:
    """Whatever cannot be a file is none."""
    ran = cli("audit", "verify", name)

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.endswith("there is no such file\n")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_folder_is_no_database(cli: Cli, name: str) -> None:
    """It is there, and is no file."""
    ran, chinese = cli("audit", "verify", name), cli("audit", "verify", name, "--lang", "zh")

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {name or '.'}: this is a folder, not a file\n" == ran.err
    assert f"错误：{name or '.'}：这是文件夹，不是文件\n" == chinese.err


def test_who_looks_does_not_wait_for_who_writes(journal: SqlStore, cli: Cli) -> None:
    """An audit goes on while somebody holds the write lock, and sees what was kept before."""
    with journal.engine.begin():
        assert 0 == cli("audit", "verify", journal.engine.url.database).code


def test_on_postgres(postgres: str, engine: Engine) -> None:
    """The same walk finds the same there."""
    store = SqlStore.open(postgres, tenant="audit")
    desk = Engine(engine.ruleset, program=engine.program, store=store)
    for number in range(EVENTS):
        desk.act("report/1", "note", at=NINE + number)
    whole = verify(store)
    run(store, "DELETE FROM kaocheng_events WHERE tenant = 'audit' AND position = 3")

    assert (True, EVENTS) == (whole.passed, whole.events)
    assert ("missing", 3, 2) == found(store)
    assert "audit" in tenants(store)
    store.close()
