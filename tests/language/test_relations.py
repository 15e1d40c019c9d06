"""Relations that are declared: children by an equal key, and those of a period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.language.schema import PERIOD_COLUMNS, Link
from kaocheng.language.types import Enum, Reference

Check = Callable[..., Any]

KINDS = """
kinds:
  unit:
    fields: {class: {one_of: [county, other]}}
    lists: {nil: {event: nothing}}
    spells: {membership: {opens: admit, closes: drop}}
    members: membership
  report: {fields: {unit: unit, on: date, at: {at: submit}, pages: int}}
"""
RELATION = "relations: [{id: reports, of: unit, to: report, by: unit, at: at}]"


def test_children(check_text: Check) -> None:
    """A relation links a parent to its children, and a row of the roll to those of its period."""
    relations = check_text(KINDS + RELATION).ruleset.plan.relations
    link = Link(name="reports", relation="report", on=(("case", "unit"),), many=True)
    within = Link(name="reports", relation="report", on=(("case", "unit"),), many=True, within="at")

    assert link == relations["unit"].links["reports"]
    assert within == relations["unit per month"].links["reports"]


def test_the_roll(check_text: Check) -> None:
    """A kind with members has a roll for every period: member, period, and its fields then."""
    relations = check_text(KINDS + "periods: {season: {unit: quarter, from: 03-01}}").ruleset
    roll = relations.plan.relations["unit per season"]

    assert {
        "case": Reference("unit"),
        **PERIOD_COLUMNS,
        "class": Enum("unit.class", ("county", "other")),
    } == roll.columns
    assert (("case", "period"), "at") == (roll.key, roll.links["nil"].within)
    assert "report per season" not in relations.plan.relations


@pytest.mark.parametrize(
    ("relation", "names"),
    [
        ("{id: a, of: unit, to: report, by: unit, at: on}", []),
        ("{id: a, of: unit, to: report, by: unit}", []),
        ("{id: a, of: unit, to: report, by: pages}", ["field-type"]),
        ("{id: a, of: report, to: report, by: unit}", ["field-type"]),
        ("{id: a, of: unit, to: report, by: unit, at: pages}", ["field-type"]),
        ("{id: a, of: unit, to: report, by: units, at: att}", ["wrong-field", "wrong-field"]),
        ("{id: a, of: units, to: reports, by: unit}", ["unknown-kind", "unknown-kind"]),
        ("{id: class, of: unit, to: report, by: unit}", ["name-taken"]),
        ("{id: nil, of: unit, to: report, by: unit}", ["name-taken"]),
        ("{id: case, of: unit, to: report, by: unit}", ["name-taken"]),
        ("{id: a, of: unit, to: report}", ["missing-key"]),
    ],
)
def test_what_relations_need(check_text: Check, relation: str, names: list[str]) -> None:
    """A relation needs two kinds, a reference to the parent, and for periods a time."""
    assert names == check_text(f"{KINDS}relations: [{relation}]").names


def test_one_name_on_two_parents(check_text: Check) -> None:
    """Two kinds may call their children alike; one kind may not call two things alike."""
    text = KINDS + (
        "relations:\n"
        "  - {id: reports, of: unit, to: report, by: unit}\n"
        "  - {id: reports, of: report, to: note, by: about}\n"
        "  - {id: reports, of: unit, to: report, by: unit}\n"
    )
    outcome = check_text(text.replace("  report:", "  note: {fields: {about: report}}\n  report:"))

    assert ["name-taken"] == outcome.names
