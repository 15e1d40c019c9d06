"""`kaocheng load` brings a journal into a database: all of it, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE, Clock

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.model.events import Correction
from kaocheng.stores import SqlStore
from kaocheng.stores.audit import verify
from kaocheng.stores.outbox import Outbox

Cli = Callable[..., Any]
Submit = Callable[[str], None]

AT = "2024-03-02T09:00:00+08:00"


def line(case: str, sequence: int = 1, event: str = "submit", **more: object) -> str:
    """A line of a journal."""
    fields = {"case": case, "sequence": sequence, "event": event, "at": AT, **more}
    return json.dumps(fields, ensure_ascii=False) + "\n"


@pytest.fixture
def load(cli: Cli, tmp_path: Path, desk_folder: Path) -> Callable[..., Any]:
    """Loads lines into a new database."""

    def run(*lines: str, options: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - what was printed
        journal = tmp_path / "journal.jsonl"
        journal.write_text("".join(lines), "utf-8")
        return cli("load", tmp_path / "new.db", desk_folder, journal, *options)

    return run


@pytest.fixture
def new(tmp_path: Path, engine: Engine) -> Callable[[], Engine]:
    """Opens the new database."""

    def opened() -> Engine:
        store = SqlStore.open(f"sqlite:///{tmp_path}/new.db")
        return Engine(engine.ruleset, store=store, program=engine.program, clock=lambda: NINE)

    return opened


def busy(engine: Engine, submit: Submit, clock: Clock) -> None:
    """Cases with timers that have fired and some that have not, and a correction."""
    for name in "123":
        submit(name)
    engine.act("report/1", "verify", at=NINE + HOUR)
    clock.turn(3 * 3600)
    engine.tick(clock.now)
    engine.act("report/2", "note", at=clock.now,
               corrects=Correction(sequence=1, reason="钟慢", at=NINE + HOUR))  # fmt: skip
    engine.act("report/4", "submit", at=clock.now, data={"headline": "最后", "share": "1.50"})


def rows(store: SqlStore, query: str) -> list[Any]:
    """What a database holds."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


CASES = (
    'SELECT "case", state, unit, sequence, as_of, due, facts, results, versions'
    ' FROM kaocheng_cases ORDER BY "case"'
)
TIMERS = 'SELECT "case", rule, at FROM kaocheng_timers ORDER BY "case", rule, at'
OLDER = (
    "error: the tables of the database are of version 1, and this kaocheng reads 4; take the"
    " journal out with the kaocheng that made them (`kaocheng export`) and load it into a new"
    " database (`kaocheng load`)\n"
)


@pytest.fixture
def exported(engine: Engine, submit: Submit, clock: Clock, cli: Cli, tmp_path: Path) -> Path:
    """The journal of a database whose tables are too old for whoever comes now."""
    busy(engine, submit, clock)
    journal = tmp_path / "old.jsonl"
    store = engine.store
    assert isinstance(store, SqlStore)
    assert 0 == cli("export", store.engine.url.database, "--output", journal).code
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE kaocheng_schema SET version = 1"))
    refused = cli("export", store.engine.url.database)
    assert (1, OLDER) == (refused.code, refused.err)
    return journal


def test_the_way_out_of_older_tables(
    exported: Path, store: SqlStore, new: Callable[[], Engine], cli: Cli, desk_folder: Path
) -> None:
    """Export, load, and every case, result and timer is there again, and nobody is told twice."""
    target, again = exported.with_name("new.db"), exported.with_name("new.jsonl")
    ran = cli("load", target, desk_folder, exported)
    assert 0 == cli("export", target, "--output", again).code

    assert (0, "events: 8, cases: 4, doubtful: 0\n", "") == (ran.code, ran.out, ran.err)
    assert exported.read_bytes() == again.read_bytes()
    engine = new()
    assert isinstance(engine.store, SqlStore)
    assert rows(store, CASES) == rows(engine.store, CASES)
    assert rows(store, TIMERS) == rows(engine.store, TIMERS)
    assert verify(engine.store).passed
    assert 0 == Outbox(engine.store).queue().waiting
    assert 2 == engine.tick(NINE + 10 * HOUR).fired
    engine.store.close()


def test_the_same_in_python(
    engine: Engine, submit: Submit, clock: Clock, new: Callable[[], Engine]
) -> None:
    """`load` takes what `journal` gives."""
    busy(engine, submit, clock)
    other = new()
    told: list[tuple[int, int | None]] = []
    loaded = other.load(
        engine.journal().events, on_progress=lambda done, total: told.append((done, total))
    )

    assert (8, 4, ()) == (loaded.events, loaded.cases, loaded.doubts)
    assert [(8, 8)] == told
    assert engine.journal() == other.journal()
    for listed in engine.cases():
        assert dict(engine.results(listed.case)) == dict(other.results(listed.case))
    assert engine.cases() == other.cases()
    other.store.close()  # type: ignore[union-attr]


DOUBTFUL = (line("report/1", 1, "verify"), line("report/1", 2), line("report/1", 3, data={"x": 1}))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "events: 3, cases: 1, doubtful: 2\n"
            "  {journal}:1: report/1#1: `verify` is possible only in `submitted`,"
            " and the case is in `draft`\n"
            "  {journal}:3: report/1#3: `submit` is possible only in `draft`,"
            " and the case is in `submitted`; `submit` has happened already and does not"
            " repeat; `submit` carries no `x`\n",
        ),
        (
            "zh",
            "事件：3，事项：1，存疑：2\n"
            "  {journal}:1：report/1#1：`verify` 只能在 `已报送` 状态下办理，本事项现处于 `草稿`\n"
            "  {journal}:3：report/1#3：`submit` 只能在 `草稿` 状态下办理，本事项现处于 `已报送`；"
            "`submit` 已办理过，不得重复办理；`submit` 不带 `x` 一项\n",
        ),
    ],
)
def test_what_is_doubtful_is_loaded_and_listed(
    load: Callable[..., Any], new: Callable[[], Engine], tmp_path: Path, language: str, said: str
) -> None:
    """By line, with all that the lifecycle would have had against it; the exit code says so."""
    ran = load(*DOUBTFUL, options=("--lang", language))
    engine = new()

    assert (1, said.format(journal=tmp_path / "journal.jsonl"), "") == (ran.code, ran.out, ran.err)
    assert 3 == engine.sequence("report/1")
    engine.store.close()  # type: ignore[union-attr]


def test_lines_that_cannot_be_read(load: Callable[..., Any], tmp_path: Path) -> None:
    """One of them is enough: each is named, nothing is loaded, and no database is made."""
    ran = load(line("report/1"), "nonsense\n", line("report/2", 0))
    chinese = load(line("report/1"), "nonsense\n", options=("--lang", "zh"))
    journal = tmp_path / "journal.jsonl"

    assert (1, "") == (ran.code, ran.out)
    assert [
        "lines not read: 2",
        f"  {journal}:2:1: this is not JSON: expecting value",
        f"  {journal}:3: `sequence` is `0`, but must be a whole number from 1",
        f"error: {journal}: nothing is loaded because not every line could be read",
    ] == ran.err.splitlines()
    assert f"错误：{journal}：有无法读取的行，因此未载入任何内容" == chinese.err.splitlines()[-1]
    assert [journal] == list(tmp_path.iterdir())


MANY = [line(f"report/{number}") for number in range(600)]


@pytest.mark.parametrize(
    ("last", "said", "zh"),
    [
        (
            line("reprot/1"),
            "event 1 of `reprot/1` cannot be loaded:"
            " the ruleset has no kind `reprot`; did you mean `report`",
            "`reprot/1` 的第 1 号事件无法载入：规则集没有类别 `reprot`；是否想写 `report`",
        ),
        (
            line("report/x", data={"headline": "a\0b"}),
            "event 1 of `report/x` cannot be loaded: `data`: a NUL character cannot be kept",
            "`report/x` 的第 1 号事件无法载入：`data`：空字符无法保存",
        ),
    ],
)
def test_a_bad_event_takes_all_others_back(  # noqa: PLR0913, PLR0917 - fixtures
    load: Callable[..., Any],
    new: Callable[[], Engine],
    tmp_path: Path,
    last: str,
    said: str,
    zh: str,
) -> None:
    """It is named with its line; hundreds of cases before it are not kept either."""
    place = f"{tmp_path / 'journal.jsonl'}:601"
    ran = load(*MANY, last)
    chinese = load(*MANY, last, options=("--lang", "zh"))
    engine = new()

    assert (1, "", f"error: {place}: {said}\n") == (ran.code, ran.out, ran.err)
    assert f"错误：{place}：{zh}\n" == chinese.err
    assert () == engine.cases()
    engine.store.close()  # type: ignore[union-attr]


def test_what_is_there_already_is_not_loaded_twice(
    load: Callable[..., Any], tmp_path: Path
) -> None:
    """The first event that is there is named; others may be added."""
    load(line("report/1"))
    again = load(line("report/0"), line("report/1"))
    chinese = load(line("report/1"), options=("--lang", "zh"))
    more = load(line("report/1", 2, "verify"), line("report/2"))

    file = tmp_path / "journal.jsonl"
    said = f"error: {file}:2: `report/1` already has an event 1\n"
    assert (1, said) == (again.code, again.err)
    assert f"错误：{file}:1：`report/1` 已有第 1 号事件\n" == chinese.err
    assert (0, "events: 2, cases: 2, doubtful: 0\n") == (more.code, more.out)


def test_a_table_is_loaded_too(
    cli: Cli, tmp_path: Path, samples: dict[str, Path], host: Host
) -> None:
    """Whatever a ruleset describes as an input can be taken over."""
    name = "washington-breach"
    ran = cli("load", tmp_path / "new.db", name, samples[name])

    assert (0, "") == (ran.code, ran.err)
    store = SqlStore.open(f"sqlite:///{tmp_path}/new.db")
    loaded = len(Engine(host.load(name), store=store).journal().events)
    assert ran.out.startswith(f"events: {loaded}, cases: ")
    store.close()


def test_for_a_tenant(load: Callable[..., Any], cli: Cli, tmp_path: Path) -> None:
    """Each tenant's journal is loaded by itself."""
    load(line("report/1"), options=("--tenant", "a"))
    load(line("report/1"), options=("--tenant", "b"))
    ran = cli("audit", "verify", tmp_path / "new.db")

    assert ["a: ok", "b: ok"] == [text.partition(",")[0] for text in ran.out.splitlines()]


@pytest.mark.parametrize("name", ["", ".", "a\0b", "no/new.db"])
def test_databases_that_there_cannot_be(
    cli: Cli, tmp_path: Path, desk_folder: Path, name: str
) -> None:
    """Each is refused with one sentence."""
    journal = tmp_path / "journal.jsonl"
    journal.write_text(line("report/1"), "utf-8")
    database = tmp_path / name if "/" in name else name
    ran = cli("load", database, desk_folder, journal)

    assert (1, "") == (ran.code, ran.out)
    assert 1 == len(ran.err.splitlines())
    assert [journal] == list(tmp_path.iterdir())


def test_into_postgres(postgres: str, cli: Cli, tmp_path: Path, desk_folder: Path) -> None:
    """The same there, and what is refused leaves nothing."""
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(MANY), "utf-8")
    options = ("--tenant", "loaded")
    ran = cli("load", postgres, desk_folder, journal, *options)
    again = cli("load", postgres, desk_folder, journal, *options)
    verified = cli("audit", "verify", postgres, *options)

    assert "events: 600, cases: 600, doubtful: 0\n" == ran.out
    assert 1 == again.code
    assert verified.out.startswith("loaded: ok, events: 600, ")


def test_a_lost_line_is_seen(load: Callable[..., Any], tmp_path: Path) -> None:
    """With the line of the event before which another is missing; everything else is there."""
    lines = (line("report/1", 1), line("report/1", 3, "note"), line("report/2"))
    where = f"{tmp_path / 'journal.jsonl'}:2: report/1#3"

    ran = load(*lines)

    assert 1 == ran.code
    assert f"events: 3, cases: 2, doubtful: 1\n  {where}: before it event 2 is missing\n" == ran.out
