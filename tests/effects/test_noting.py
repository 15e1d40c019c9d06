"""What is written to the application's log: stable names, and nothing where nobody asked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from effects_desk import NINE, Clock

import kaocheng
from kaocheng import Engine
from kaocheng.calendars.numberline import HOUR
from kaocheng.errors import StoreError
from kaocheng.noting import NOTES, note
from kaocheng.stores import SqlStore, make_engine

SOURCE = Path(kaocheng.__file__).parent


def names() -> set[str]:
    """The names that are noted anywhere in the source."""
    return {
        call.args[0].value if isinstance(call.args[0], ast.Constant) else "?"
        for path in SOURCE.rglob("*.py")
        if "testing" not in path.parts
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "note"
    }


def test_every_name_is_listed_and_used() -> None:
    """A name that is not in the list cannot be written, and none stands there for nothing."""
    assert set(NOTES) == names()


def test_acts_are_noted_without_their_data(engine: Engine, logged: list[dict[str, object]]) -> None:
    """An act is noted once it is kept, a refusal with its codes, and never what a case says."""
    engine.act("report/1", "submit", at=NINE, data={"headline": "secret"})
    engine.act("report/1", "submit", at=NINE, data={"headline": "secret"})
    engine.act("report/1", "verify", at=NINE, dry_run=True)
    engine.act("report/1", "submit", at=NINE, dry_run=True)
    case = {"tenant": "default", "case": "report/1"}

    assert [
        {
            "event": "act.accepted",
            "log_level": "info",
            **case,
            "sequence": 1,
            "position": 1,
            "act": "submit",
        },
        {
            "event": "act.refused",
            "log_level": "info",
            **case,
            "reasons": ["wrong_state", "repeated"],
        },
    ] == logged


def test_timers_are_noted(engine: Engine, clock: Clock, logged: list[dict[str, object]]) -> None:
    """A timer that was fired says for which rules."""
    engine.act("report/1", "submit", at=NINE)
    engine.tick(clock.turn(3 * HOUR / 1_000_000))

    assert ["act.accepted", "timer.fired"] == [entry["event"] for entry in logged]
    assert ["verification"] == logged[1]["rules"]


def test_a_refused_schema_is_noted(logged: list[dict[str, object]]) -> None:
    """A database of another version shows in the log of whoever looks after it."""
    with pytest.raises(StoreError):
        SqlStore(make_engine("sqlite://"))

    assert [("schema.refused", "error")] == [(n["event"], n["log_level"]) for n in logged]


def test_nothing_is_written_where_nobody_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a configuration of structlog the library is silent."""
    note("act.accepted", case="report/1")

    assert ("", "") == capsys.readouterr()
