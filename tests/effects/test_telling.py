"""What messages say of findings, entries and notices: what `assess --format json` says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from effects_desk import DESK, NINE, Clock

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.language.ruleset import Ruleset
from kaocheng.rendering.data import as_data
from kaocheng.stores import SqlStore
from kaocheng.testing.durable import Auditor, Kept

RULES = (
    DESK
    + """
accounts:
  - {id: merit, of: unit, decimals: 2, assumed: a test}
points:
  - id: shared
    for: report as r
    earn: r.share
    to: r.unit
    account: merit
    at: r.submitted_at
    assumed: a test
notices:
  - id: thanked
    for: report as r
    to: r.unit
    at: r.verified_at
    assumed: a test
"""
)
_COLLECTIONS = {"finding": "findings", "entry": "entries", "notice": "notices"}
Make = Callable[..., Ruleset]


@pytest.fixture
def desk_with(host: Host, tmp_path: Path) -> Make:
    """Makes the rules with texts replaced."""

    def make(*changes: tuple[str, str]) -> Ruleset:
        text = RULES
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        folder = tmp_path / "telling" / "versions"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "2024.yaml").write_text(text, "utf-8")
        return host.load(str(folder.parent))

    return make


@pytest.fixture
def telling(desk_with: Make, store: SqlStore, clock: Clock) -> Engine:
    """An engine that has told of a finding, an entry and a notice about one report."""
    engine = Engine(desk_with(), store=store, clock=clock)
    engine.act("unit/1", "note", at=NINE)
    data = {"headline": "late", "unit": "unit/1", "share": "2.5"}
    for event, at, values in (("submit", NINE, data), ("verify", NINE + 3 * HOUR, {})):
        assert engine.act("report/1", event, at=at, data=values).accepted
    return engine


def told(store: SqlStore, after: int = 0) -> list[tuple[str, dict[str, object]]]:
    """What was told of rows since an event, and what was said."""
    with store.engine.connect() as connection:
        rows = Kept.read(connection, store.tenant).rows["outbox"]
    messages = [json.loads(str(row["message"])) for row in rows]
    return [
        (message["type"].removeprefix("kaocheng."), message["data"])
        for message in messages
        if message["type"] != "kaocheng.event" and int(message["sequence"][:20]) > after
    ]


def test_values_are_those_of_an_assessment(telling: Engine, store: SqlStore) -> None:
    """Times are texts with offset, amounts decimals; only what people call the rule is added."""
    data = as_data(telling.assess(as_of=NINE + 4 * HOUR))
    said = dict(told(store))
    names = {
        "finding": {
            "title": {"zh": "按时核实", "en": "verification in time"},
            "clause": "article 12",
        },
        "entry": {"title": {}, "clause": ""},
        "notice": {"title": {}, "clause": ""},
    }

    for kind, collection in _COLLECTIONS.items():
        (row,) = data[collection]  # which has the columns of all rules, those of others null
        assert {**dict.fromkeys(row), **said[kind]} == {**row, **names[kind]}
    assert ("2024-03-02T11:00:00+08:00", "2.5000") == (
        said["finding"]["at"],
        said["entry"]["amount"],
    )


@pytest.mark.parametrize(
    "change",
    [
        ("Asia/Shanghai", "Europe/Berlin"),
        ("按时核实", "核实"),
        ('version: "2024"', 'version: "2025"'),
    ],
)
def test_nothing_is_told_again_after_a_migration(
    telling: Engine, store: SqlStore, desk_with: Make, change: tuple[str, str]
) -> None:
    """Another zone, title or name of a version says nothing else of a case."""
    after = len(store.journal())
    ruleset = desk_with(change)
    other = Engine(ruleset, store=store)
    other.migrate(telling.plan_migration(ruleset), at=NINE + 5 * HOUR, reason="a new text")

    assert [] == told(store, after)


def test_another_amount_is_told_after_a_migration(
    telling: Engine, store: SqlStore, desk_with: Make
) -> None:
    """What was told is withdrawn as the old rules said it, and said anew."""
    before = dict(told(store))["entry"]
    after = len(store.journal())
    ruleset = desk_with(("earn: r.share", "earn: r.share * 2"))
    other = Engine(ruleset, store=store)
    other.migrate(telling.plan_migration(ruleset), at=NINE + 5 * HOUR, reason="a new text")

    assert [("entry", {**before, "amount": "5.0000"}), ("entry.withdrawn", before)] == told(
        store, after
    )


def test_the_auditor_expects_them(telling: Engine, store: SqlStore) -> None:
    """Who makes all rows of the tables anew from the journal expects the same messages."""
    with store.engine.connect() as connection:
        assert [] == Auditor(telling.ruleset).faults(connection, store.tenant)
