"""What a person may read is decided in the state of things in which it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from kaocheng import Actor, Engine, Host, Ruleset
from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine.visible import HiddenError, Visible
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore

NINE = parse_instant("2024-03-04T09:00:00+08:00")
LI = Actor(id="person/li")
OFFICE = """
kaocheng: 1
ruleset: marked
version: "1"
title: {zh: 密级, en: Marks}
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  report:
    fields:
      mark: {type: string, event: submit}
      unit: {type: string, event: submit}
    lifecycle:
      initial: draft
      states: [draft, submitted]
      final: [submitted]
      submit: {from: any, to: submitted, repeats: true}
    readers:
      - {when: report.mark == "open"}
"""
READS: Mapping[str, Callable[[Visible], object]] = {
    "case": lambda visible: visible.case("report/1"),
    "history": lambda visible: visible.history("report/1"),
    "explain": lambda visible: visible.explain("report/1"),
    "cases": lambda visible: visible.cases(),
    "journal": lambda visible: visible.journal(),
}


@pytest.fixture
def marked(tmp_path: Path) -> Ruleset:
    """Reports that anybody may read as long as they are open."""
    folder = tmp_path / "marked" / "versions"
    folder.mkdir(parents=True)
    (folder / "1.yaml").write_text(OFFICE, "utf-8")
    return Host.discover().load(tmp_path / "marked")


def submit(engine: Engine, case: str, mark: str, unit: str) -> None:
    """A report is submitted, once more too."""
    assert engine.act(case, "submit", {"mark": mark, "unit": unit}, at=NINE).accepted


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_case_that_turns_secret_meanwhile(
    store: SqlStore, marked: Ruleset, monkeypatch: pytest.MonkeyPatch, read: Callable[..., object]
) -> None:
    """Between the question whether it may be read and the read, nothing secret comes in."""
    engine, other = Engine(marked, store=store), Engine(marked, store=store.of(store.tenant))
    submit(engine, "report/1", "open", "unit/a")
    may_read, decided = Engine.may_read, list[str]()

    def then_secret(self: Engine, case: str, **asked: object) -> object:
        found = may_read(self, case, **asked)  # type: ignore[arg-type]
        if not decided:
            decided.append(case)
            submit(other, "report/1", "secret", "SECRET")
        return found

    monkeypatch.setattr(Engine, "may_read", then_secret)
    found = repr(read(engine.visible(LI)))

    assert ["report/1"] == decided
    assert "SECRET" not in found
    with pytest.raises(HiddenError):
        engine.visible(LI).case("report/1")


def test_a_read_is_one_transaction(store: SqlStore, marked: Ruleset) -> None:
    """However many cases it has to look at."""
    engine = Engine(marked, store=store)
    for number in range(20):
        submit(engine, f"report/{number:02}", "secret" if number % 4 else "open", "unit/a")
    begun: list[object] = []
    sa.event.listen(store.engine, "begin", begun.append)
    visible = engine.visible(LI)

    assert ["report/00", "report/04"] == [one.case for one in visible.cases(limit=2)]
    assert 5 == len({event.case for event in visible.journal().events})
    assert 2 == len(begun)


def test_the_asynchronous_engine_reads_as_somebody(marked: Ruleset, tmp_path: Path) -> None:
    """The same, on the connection that it has for a call."""

    async def read() -> tuple[object, ...]:
        store = await AsyncSqlStore.open(f"sqlite:///{tmp_path}/marked.db")
        engine = AsyncEngine(marked, store=store)
        try:
            for case, mark in (("report/1", "open"), ("report/2", "secret")):
                data = {"mark": mark, "unit": "unit/a"}
                assert (await engine.act(case, "submit", data, at=NINE)).accepted
            with pytest.raises(HiddenError):
                await engine.read_as(LI, lambda visible: visible.state("report/2"))
            return await engine.read_as(
                LI, lambda visible: (visible.state("report/1"), len(visible.cases()))
            )
        finally:
            await store.close()

    assert ("submitted", 1) == asyncio.run(read())
