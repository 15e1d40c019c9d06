"""Inputs: how rows of a foreign table become events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.language.ruleset import ColumnInput, EventInput, Input
from kaocheng.language.types import DATE, INSTANT, INT, Enum

Check = Callable[..., Any]

TEXT = """
time_zone: Asia/Shanghai
kinds:
  report:
    fields:
      genre: {{one_of: [dynamic, research]}}
      pages: int
      at: {{at: submit}}
inputs:
  - id: export
    format: {format}
    case: {{kind: {kind}, id: Id}}
    order_by: Id
    ignore: ["*"]
    {zone}
    events:
      {event}:
        at: {{column: Sent, {time}}}
        data: {data}
"""
PARTS = {
    "format": "csv",
    "kind": "report",
    "event": "submit",
    "zone": "",
    "time": 'as: date, format: "%m/%d/%Y", blank: never',
    "data": "{genre: {column: Genre, values: {R: research}, blank: unknown}, pages: {column: N}}",
}


def test_an_input(check_text: Check) -> None:
    """An input names the format, the case, and the columns of each event with their types."""
    found = check_text(TEXT.format(**PARTS)).version.inputs["export"]
    genre = ColumnInput(
        column="Genre",
        type=Enum("report.genre", ("dynamic", "research")),
        blank="unknown",
        values={"R": "research"},
    )
    event = EventInput(
        event="submit",
        at=ColumnInput(column="Sent", type=DATE, form="%m/%d/%Y", blank="never"),
        data={"genre": genre, "pages": ColumnInput(column="N", type=INT)},
    )
    expected = Input(
        id="export",
        format="csv",
        kind="report",
        case="Id",
        events=(event,),
        order_by=("Id",),
        zone="Asia/Shanghai",
        ignore=("*",),
    )

    assert expected == found


def test_times_are_instants_unless_they_are_dates(check_text: Check) -> None:
    """`as: date` makes a dated event; without it the time is an instant in the zone."""
    text = TEXT.format(**{**PARTS, "time": "blank: never", "zone": "time_zone: Europe/Paris"})
    found = check_text(text).version.inputs["export"]

    assert (INSTANT, "Europe/Paris") == (found.events[0].at.type, found.zone)


@pytest.mark.parametrize(
    ("part", "text", "names"),
    [
        ("format", "xlsx", ["unknown-format"]),
        ("kind", "reports", ["unknown-kind"]),
        ("event", "sumbit", ["unknown-event"]),
        ("zone", "time_zone: Mars/Olympus", ["unknown-zone"]),
        ("time", "as: day", ["unknown-choice"]),
        ("time", "blank: none", ["unknown-choice"]),
        ("time", "values: {a: b}", ["unknown-key"]),
        ("time", 'format: "%Y-%Q"', ["time-format"]),
        ("time", "format: YYYY", ["time-format"]),
        ("data", "{genr: {column: G}}", ["wrong-field"]),
        ("data", "{genre: {column: G, values: {R: reserch}}}", ["unknown-choice"]),
        ("data", "{pages: {column: N, values: {many: a lot}}}", ["not-an-integer"]),
        ("data", "{genre: {colum: G}}", ["missing-key", "unknown-key"]),
        ("data", "{genre: {column: G, as: date}}", ["unknown-key"]),
        ("data", "[genre]", ["wrong-shape"]),
    ],
)
def test_mistakes(check_text: Check, part: str, text: str, names: list[str]) -> None:
    """What an input names must be there, and spellings must mean possible values."""
    assert names == sorted(check_text(TEXT.format(**{**PARTS, part: text})).names)


def test_two_inputs_of_one_name(check_text: Check) -> None:
    """Every input has a name of its own."""
    text = TEXT.format(**PARTS)
    inputs = text.split("inputs:\n")[1]

    assert ["name-taken"] == check_text(text + inputs).names
