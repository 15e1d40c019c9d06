"""Workers do what is due and deliver, share a database, and stop when they are told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from shutil import copytree
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from effects_desk import NINE, Clock, fail

from kaocheng import Engine, Host, InputError
from kaocheng.cli.worker import _logging, _opened, addresses, line
from kaocheng.delivery import Message
from kaocheng.errors import ArgumentError, StoreError
from kaocheng.noting import note
from kaocheng.stores import SqlStore
from kaocheng.stores.audit import verify
from kaocheng.stores.delivering import Delivered
from kaocheng.stores.outbox import Outbox
from kaocheng.stores.working import Batch, Worker

if TYPE_CHECKING:
    from pathlib import Path

    from effects_server import Server

Submit = Callable[[str], None]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - that of the standard's example
RUN = "import sys; from kaocheng.cli.app import run; run(sys.argv[1:])"


class Kept:
    """A channel that keeps what it gets."""

    name = "kept"

    def __init__(self) -> None:
        self.got: list[str] = []

    def wants(self, message: Message) -> bool:  # noqa: ARG002 - as every channel has it
        """Everything."""
        return True

    def send(self, message: Message) -> None:
        """Keep it."""
        self.got.append(f"{message.subject} {message.data['event']}")


class Stopping(Flag):
    """A flag that is set by whoever waits for it twice."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Do not wait."""
        self.waited.append(timeout)
        if len(self.waited) == 2:
            self.set()
        return self.is_set()


def test_a_server_that_is_not_up_yet_is_waited_for() -> None:
    """Longer each time, until the worker is told to stop; `--once` does not wait."""
    stop = Stopping()

    assert _opened("postgresql://localhost:1/x", "default", stop, once=False) is None
    assert [1.0, 2.0] == stop.waited
    with pytest.raises(StoreError, match="connection failed"):
        _opened("postgresql://localhost:1/x", "default", Flag(), once=True)


def test_a_worker_does_what_is_due_and_delivers(
    engine: Engine, submit: Submit, clock: Clock
) -> None:
    """With `once` it ends when nothing is left: timers are fired and all messages delivered."""
    for name in "123":
        submit(name)
    clock.turn(3 * 3600)
    kept = Kept()
    batches: list[Batch] = []
    worker = Worker([engine], [kept], clock=clock, batch=2)
    worker.run(Flag(), once=True, on_batch=batches.append)

    assert 3 == sum(batch.fired for batch in batches)
    assert 6 == sum(batch.messages.delivered for batch in batches)
    assert 2 >= max(batch.fired for batch in batches)
    assert ["report/1 submit", "report/1 kaocheng.timer"] == [m for m in kept.got if "/1" in m]


def test_a_poison_timer_holds_up_no_other(
    engine: Engine, submit: Submit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that cannot be assessed is put off, longer each time; the others are done."""
    from kaocheng.engine.unit_of_work import UnitOfWork

    for name in "123":
        submit(name)
    clock.turn(3 * 3600)
    fire = UnitOfWork.fire

    def poisoned(unit: UnitOfWork, case: str, *, before: int) -> Any:  # noqa: ANN401
        if case == "report/1":
            raise ZeroDivisionError("no such luck")
        return fire(unit, case, before=before)

    monkeypatch.setattr(UnitOfWork, "fire", poisoned)
    worker = Worker([engine], clock=clock)
    first = worker.batch()
    assert (2, (("report/1", "no such luck"),)) == (first.fired, first.put_off)
    assert worker.batch().idle
    clock.turn(1)
    assert 1 == len(worker.batch().put_off)
    clock.turn(1)
    assert worker.batch().idle
    monkeypatch.undo()
    clock.turn(1)
    assert 1 == worker.batch().fired


def test_a_worker_finishes_its_batch(engine: Engine, submit: Submit, clock: Clock) -> None:
    """Told to stop in the middle of a batch it ends that one, and begins no other."""
    for name in "12345":
        submit(name)
    stop = Flag()
    kept = Kept()
    worker = Worker([engine], [kept], clock=clock, batch=3)
    batches: list[Batch] = []

    def stopping(batch: Batch) -> None:
        batches.append(batch)
        stop.set()

    worker.run(stop, on_batch=stopping)

    assert [3] == [batch.messages.delivered for batch in batches]
    assert 2 == Outbox(engine_store(engine)).queue().waiting


def engine_store(engine: Engine) -> SqlStore:
    """The store of an engine."""
    assert isinstance(engine.store, SqlStore)
    return engine.store


def test_a_database_that_does_not_answer_is_waited_for(
    engine: Engine,
    submit: Submit,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[dict[str, Any]],
) -> None:
    """A worker outlives a restart of its database, says so, and goes on where it was."""
    submit("1")
    kept = Kept()
    worker = Worker([engine], [kept], clock=clock)
    batch, left = worker.batch, ["down", "down", ""]

    def sometimes() -> Batch:
        if left.pop(0):
            raise StoreError("the database is down", retry=True)
        return batch()

    monkeypatch.setattr(worker, "batch", sometimes)
    stop = Flag()
    worker.run(stop, interval=0.001, on_batch=lambda _: stop.set())

    assert ["report/1 submit"] == kept.got
    names = [note["event"] for note in logged if note["event"].startswith("worker.")]
    assert ["worker.started", *["worker.waiting"] * 2, "worker.batch", "worker.stopped"] == names
    left[:] = ["down"]
    with pytest.raises(StoreError, match="the database is down"):
        worker.run(Flag(), once=True)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_many_workers_share_one_database(
    engine: Engine, clock: Clock, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Every timer is fired once and every message delivered once, whoever gets to it first."""
    file = f"sqlite:///{tmp_path}/shared.db"
    url = file if database == "sqlite" else request.getfixturevalue("postgres")
    stores = [SqlStore.open(url, tenant="workers") for _ in range(3)]
    engines = [Engine(engine.ruleset, program=engine.program, store=store) for store in stores]
    for number in range(30):
        engines[0].act(f"report/{number}", "submit", at=NINE)
    clock.turn(3 * 3600)
    kept = Kept()
    batches: list[Batch] = []

    def work(own: Engine) -> None:
        Worker([own], [kept], clock=clock, batch=4).run(Flag(), once=True, on_batch=batches.append)

    threads = [Thread(target=work, args=(own,)) for own in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(engines[0])  # what one had claimed while the others found nothing left
    audits = [verify(store) for store in stores]
    for store in stores:
        store.close()

    assert 30 == sum(batch.fired for batch in batches)
    assert 60 == len(kept.got) == len(set(kept.got))
    assert [60] * 3 == [audit.events for audit in audits if audit.passed]


def test_two_rulesets_may_not_share_a_kind(engine: Engine, host: Host, store: SqlStore) -> None:
    """Nobody would know whose case it is; rulesets with other kinds are fine."""
    other = Engine(host.load("washington-breach"), store=store)

    assert Worker([engine, other], clock=lambda: NINE).batch().idle
    with pytest.raises(InputError, match="the kind `report` too"):
        Worker([engine, engine], clock=lambda: NINE)


def test_an_engine_in_memory_has_no_worker(engine: Engine) -> None:
    """A worker is for a database."""
    with pytest.raises(ArgumentError, match="on one store in a database"):
        Worker([Engine(engine.ruleset, program=engine.program)], clock=lambda: NINE)


def test_a_line_per_batch() -> None:
    """A terminal shows what a batch did, in either language."""
    said = Delivered(delivered=3, reached=4, failed=1)
    batch = Batch(fired=2, put_off=(("a", "b"),), messages=said)

    assert line(batch, "en").endswith(
        "  timers: 2 done, 1 put off  messages: 3 delivered, 4 in part, 1 failed, 0 given up"
    )
    assert line(batch, "zh").endswith(
        "  到期：已处理 2，推迟 1  消息：已投递 3，部分投递 4，失败 1，放弃 0"
    )


def test_addresses_from_a_file(tmp_path: Path) -> None:
    """`@FILE` keeps what is secret out of the list of processes."""
    file = tmp_path / "addresses"
    file.write_text("# ours\n webhook+https://x#whsec_a\n\napprise+json://y\n", "utf-8")

    assert ["one+two", "webhook+https://x#whsec_a", "apprise+json://y"] == list(
        addresses(["one+two", f"@{file}"])
    )
    with pytest.raises(InputError, match="cannot be read"):
        list(addresses([f"@{file}s"]))


def test_the_command(
    cli: Callable[..., Any], engine: Engine, submit: Submit, desk_folder: Path, server: Server
) -> None:
    """Where nobody looks it writes its log as lines of JSON, and leaves structlog as it was."""
    submit("1")
    file = engine_store(engine).engine.url.database
    ran = cli("worker", file, desk_folder, "--once", "--deliver", f"webhook+{server.url}#{SECRET}")
    logged = [json.loads(line) for line in ran.out.splitlines()]

    assert 0 == ran.code
    assert [
        "worker.started",
        "timer.fired",
        "message.delivered",
        "message.delivered",
        "worker.batch",
        "worker.stopped",
    ] == [note["event"] for note in logged]
    assert 2 == len(server.got)
    assert not structlog.is_configured()
    assert SECRET not in ran.out + ran.err


def test_the_command_says_what_waits_for_another_text(
    cli: Callable[..., Any], engine: Engine, submit: Submit, desk_folder: Path, tmp_path: Path
) -> None:
    """With `--once` it is the last thing said, by name, and the exit code is 1."""
    submit("1")
    other = tmp_path / "other"
    copytree(desk_folder, other)
    file = other / "versions" / "2024.yaml"
    file.write_text(file.read_text("utf-8").replace("within: 2 hours", "within: 3 hours"), "utf-8")
    database, own = engine_store(engine).engine.url.database, engine.ruleset.versions[0].hash
    ran, chinese = (
        cli("worker", database, other, "--once", "--lang", language) for language in ("en", "zh")
    )
    (warned,) = (note for note in map(json.loads, ran.out.splitlines()) if "hashes" in note)

    assert ("timer.other_text", "warning", [own]) == (
        warned["event"],
        warned["level"],
        warned["hashes"],
    )
    assert (1, 1) == (ran.code, chinese.code)
    assert (
        "due on cases that are kept under another text of `desk`: 1, cases: 1,"
        f" versions: {own}; migrate them, or run a worker of that text\n"
    ) == ran.err
    assert (
        f"按 `desk` 另一文本保存的事项有到期未处理的定时：1，事项：1，版本校验码：{own}；"
        "请予迁移，或运行该文本的 worker\n"
    ) == chinese.err
    done = cli("worker", database, desk_folder, "--once")
    assert (0, "") == (done.code, done.err)
    assert 0 == cli("worker", database, other, "--once").code


def test_the_command_says_that_a_timer_failed(
    cli: Callable[..., Any],
    engine: Engine,
    submit: Submit,
    desk_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With `--once` the exit code is 1, once: the timer is put off."""
    from kaocheng.engine.unit_of_work import UnitOfWork

    submit("1")

    def poisoned(*_: object, **_more: object) -> None:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(UnitOfWork, "fire", poisoned)
    arguments = ("worker", engine_store(engine).engine.url.database, desk_folder, "--once")
    ran = cli(*arguments)

    assert (1, "") == (ran.code, ran.err)
    assert "no such luck" in ran.out


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("no.db", "there is no such file"),
        ("mysql://x:secret@y/z", "stores are on SQLite or PostgreSQL, not on `mysql`"),
        ("://x:secret@y/z", "`://x:***@y/z` is no address of a database"),
        ("sqlite://", "the database has no tables"),
    ],
)
def test_what_cannot_be_worked_on(
    cli: Callable[..., Any], desk_folder: Path, tmp_path: Path, database: str, said: str
) -> None:
    """A database that is not there is not made, and every refusal is one sentence."""
    name = database if "://" in database else str(tmp_path / database)
    ran = cli("worker", name, desk_folder, "--once")

    assert 1 == ran.code
    assert said in ran.err
    assert "secret" not in ran.err
    assert 1 == len(ran.err.splitlines())
    assert [] == list(tmp_path.iterdir())


def test_one_ruleset_twice_is_wrong_use(
    cli: Callable[..., Any], desk_folder: Path, store: SqlStore
) -> None:
    """Nobody would know whose the cases are."""
    arguments = ("worker", store.engine.url.database, desk_folder, desk_folder, "--once")
    ran, chinese = cli(*arguments), cli(*arguments, "--lang", "zh")

    assert (2, "", 2, "") == (ran.code, ran.out, chinese.code, chinese.out)
    assert ran.err.endswith(
        "another of the rulesets has the kind `report` too, so nobody knows whose it is\n"
    )
    assert chinese.err.endswith("另一规则集也有类别 `report`，无法确定归属\n")


def test_a_channel_that_nobody_knows(cli: Callable[..., Any], desk_folder: Path) -> None:
    """It is wrong use, said before anything is done."""
    ran = cli("worker", "no.db", desk_folder, "--deliver", "pigeon+x")

    assert (2, "") == (ran.code, ran.out)
    assert "no channel is called `pigeon`" in ran.err


STOPPED_EARLY = """
import os, signal, sys

class Sending:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Sending())
from kaocheng.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("module", ["kaocheng.cli.app", "kaocheng.host", "sqlalchemy"])
def test_a_process_that_is_still_loading_stops_cleanly(
    engine: Engine, desk_folder: Path, module: str, number: signal.Signals
) -> None:
    """Signals are heeded before anything is loaded: then nothing is begun, and it ends with 0."""
    code = STOPPED_EARLY.format(module=module, signal=number.name)
    database = engine_store(engine).engine.url.database
    ran = subprocess.run(
        [sys.executable, "-c", code, "worker", str(database), str(desk_folder)],
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (0, b"", b"") == (ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_stops_cleanly(
    engine: Engine, submit: Submit, desk_folder: Path, number: signal.Signals
) -> None:
    """A worker in a process of its own does what others act meanwhile, and ends with 0."""
    submit("1")
    command = [sys.executable, "-c", RUN, "worker", engine_store(engine).engine.url.database]
    process = subprocess.Popen(
        [*command, str(desk_folder), "--interval", "0.01"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    seen = [json.loads(process.stdout.readline())["event"] for _ in range(3)]
    submit("2")
    seen += [json.loads(process.stdout.readline())["event"] for _ in range(2)]
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert ["worker.started", *["timer.fired", "worker.batch"] * 2] == seen
    assert ("", 0) == (err, process.returncode)
    assert ["worker.stopped"] == [json.loads(line)["event"] for line in out.splitlines()]


def test_on_a_terminal_only_what_went_wrong_is_logged(
    store: SqlStore, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line per batch says what was done; below it stands what failed, and why."""
    submit("1")
    with _logging(readable=True):
        (claim,) = Outbox(store).claim(NINE)
        fail(Outbox(store), claim, NINE)
        note("worker.started")

    facts = "case=report/1 position=1 number=1 why=hook: down attempts=1"
    assert f"          message.failed  {facts}\n" == capsys.readouterr().out
