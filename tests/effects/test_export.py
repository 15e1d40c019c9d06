"""What leaves a database says what it holds, in forms that others read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from effects_desk import NINE
from jsonschema import Draft7Validator

from kaocheng import Actor, Engine, Host, open_input
from kaocheng.calendars.numberline import HOUR, format_instant, parse_instant
from kaocheng.journal.writing import write_jsonl
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Correction, Event
from kaocheng.rendering.ocel import ocel_pieces
from kaocheng.rendering.xes import attributes, xes_pieces
from kaocheng.stores import SqlStore
from kaocheng.stores.exporting import reading
from kaocheng_plugins.xes import read_events, read_traces

Cli = Callable[..., Any]
Json = Mapping[str, Any]

WANG = Actor(id="person/wang", unit="unit/jinghu", roles=("informant", "editor"))


@pytest.fixture
def kept(engine: Engine, store: SqlStore) -> SqlStore:
    """Two reports with everything that an event can have, and a timer of one."""
    data = {
        "headline": 'Spring <ploughing> & "sowing"\n春耕',
        "unit": "unit/jinghu",
        "length": 12,
        "share": "0.25",
        "urgent": True,
    }
    acts = [
        engine.act("report/1", "submit", at=NINE, actor=WANG, data=data),
        engine.act("report/1", "verify", at=NINE + HOUR),
        engine.act("report/2", "submit", at=NINE, data={"headline": "sequence"}),
        engine.act(
            "report/2",
            "note",
            at="2024-03-02",
            data={"sequence": 9, "also": ["report/1", "report/2"]},
        ),
        engine.act(
            "report/2",
            "note",
            at="2024-03-03T09:00:00+08:00",
            corrects=Correction(sequence=1, reason="a slip", at=NINE + 1),
        ),
        engine.act("report/2", "note", at="2024-03-03T09:00:00+08:00", data={"of": "report/1"}),
    ]
    assert [True] * 6 == [act.accepted for act in acts], [act.reasons for act in acts]
    return store


def test_the_journal_comes_back(
    kept: SqlStore, engine: Engine, cli: Cli, tmp_path: Path, host: Host
) -> None:
    """The journal that is exported is the canonical one, and reads as the same events."""
    ran = cli("export", kept.engine.url.database)
    file = tmp_path / "journal.jsonl"
    file.write_text(ran.out, "utf-8")

    assert write_jsonl(engine.journal()) == ran.out
    assert engine.journal().events == open_input(file, engine.ruleset, host.formats()).events


def test_a_line_that_cannot_be_read_is_named(kept: SqlStore, cli: Cli, tmp_path: Path) -> None:
    """It is written all the same, for whoever looks into what happened to it; exit 1."""
    with kept.engine.begin() as connection:
        spoil = "UPDATE kaocheng_events SET line = 'garbage' WHERE position = 2"
        connection.execute(sa.text(spoil))
    file = tmp_path / "journal.jsonl"
    ran = cli("export", kept.engine.url.database)
    written = cli("export", kept.engine.url.database, "-o", file, "--lang", "zh")

    assert (1, 1, "garbage") == (ran.code, written.code, ran.out.splitlines()[1])
    assert "lines not read: 1\n  journal:2: this is not JSON: expecting value\n" == ran.err
    assert ran.out == file.read_text("utf-8")
    assert f"无法读取的行：1\n  {file}:2: 不是 JSON：此处缺少值\n" == written.err


@pytest.mark.parametrize("position", [1, 3, 7])
def test_an_event_that_is_missing_is_named(
    kept: SqlStore, cli: Cli, tmp_path: Path, position: int
) -> None:
    """What is there of the journal is written, and nothing for process mining; exit 1."""
    with kept.engine.begin() as connection:
        gone = sa.text("DELETE FROM kaocheng_events WHERE position = :position")
        connection.execute(gone, {"position": position})
    ran = cli("export", kept.engine.url.database)
    file = tmp_path / "log.xes"
    mined = cli("export", kept.engine.url.database, "--format", "xes", "-o", file, "--lang", "zh")

    assert (1, 1, 6) == (ran.code, mined.code, len(ran.out.splitlines()))
    assert (
        f"error: event {position} of the journal is missing; `kaocheng audit verify` says what"
        " else\n"
    ) == ran.err
    assert f"台账的第 {position} 号事件缺失" in mined.err
    assert not file.exists()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_cases_stand_by_code_point(
    engine: Engine, database: str, request: pytest.FixtureRequest
) -> None:
    """The order of cases is that of their characters, whatever the database sorts by."""
    url = "sqlite://" if database == "sqlite" else request.getfixturevalue("postgres")
    store = SqlStore.open(url, tenant="export")
    engine = Engine(engine.ruleset, program=engine.program, store=store)
    for name in ("b", "B", "核", "a", "Z", "\u00e9"):
        engine.act(f"report/{name}", "submit", at=NINE)
    journal = write_jsonl(engine.journal()).splitlines()
    with reading(store) as state:
        assert journal == list(state.lines())
        assert 6 == len(list(state.cases())) == len(list(state.events()))
    store.close()


def test_xes_comes_back(kept: SqlStore, engine: Engine, tmp_path: Path) -> None:
    """Our own reader finds every event with its case, its time, its actor and its data."""
    file = tmp_path / "log.xes"
    with reading(kept) as state:
        file.write_text("".join(xes_pieces(state.events())), "utf-8")
    rows = [row for _, row in read_events(file, lambda _done, _total: None)]
    traces = [row for _, row in read_traces(file, lambda _done, _total: None)]
    events = engine.journal().events

    assert [{"concept:name": "report/1"}, {"concept:name": "report/2"}] == traces
    assert [(event.case, event.event, str(event.sequence)) for event in events] == [
        (row["case:concept:name"], row["concept:name"], row["sequence"]) for row in rows
    ]
    assert [None if event.at is None else format_instant(event.at) for event in events] == [
        row.get("time:timestamp") for row in rows
    ]
    assert {
        "case:concept:name": "report/1",
        "concept:name": "submit",
        "time:timestamp": "2024-03-02T01:00:00Z",
        "sequence": "1",
        "recorded_at": "2024-03-02T01:00:00Z",
        "org:resource": "person/wang",
        "org:group": "unit/jinghu",
        "org:role": "informant,editor",
        "headline": 'Spring <ploughing> & "sowing"\n春耕',
        "length": "12",
        "share": "0.25",
        "unit": "unit/jinghu",
        "urgent": "true",
    } == rows[0]
    dated = next(row for row in rows if "date" in row)
    assert ("2024-03-02", "9", '["report/1", "report/2"]') == (
        dated["date"],
        dated["data.sequence"],
        dated["also"],
    )
    correction = next(row for row in rows if "corrects" in row)
    assert "a slip" == json.loads(correction["corrects"])["reason"]


def test_values_have_types() -> None:
    """Whole numbers beyond 64 bits and what is nested are text; what is unknown is left out."""
    data = {"a": 0.5, "b": [1, {"c": None}], "d": None, "e": 2**63, "data.f": False, "g": "x"}
    event = Event(case="report/1", sequence=1, event="note", data=data)

    assert [
        ("string", "concept:name", "note"),
        ("int", "sequence", "1"),
        ("float", "a", "0.5"),
        ("string", "b", '[1, {"c": null}]'),
        ("boolean", "data.data.f", "false"),
        ("string", "e", str(2**63)),
        ("string", "g", "x"),
    ] == attributes(event)


def test_xes_has_no_character_that_xml_cannot_have(
    engine: Engine, store: SqlStore, tmp_path: Path
) -> None:
    """A control character in the data is replaced, and the log can be read."""
    engine.act("report/1", "submit", at=NINE, data={"headline": "a\x01\x0b\ufffeb"})
    file = tmp_path / "log.xes"
    with reading(store) as state:
        file.write_text("".join(xes_pieces(state.events())), "utf-8")
    ((_, row),) = read_events(file, lambda _done, _total: None)

    assert "a\ufffd\ufffd\ufffdb" == row["headline"]


def array(*required: str, **keys: Json) -> Json:
    """A list of objects of the schema."""
    item = {"type": "object", "properties": keys, "required": list(required)}
    return {"type": "array", "items": item}


# The official schema of OCEL 2.0 in JSON
# (https://www.ocel-standard.org/2.0/ocel20-schema-json.json, draft-07): as a value it is that
# one but for `$schema`, with what it repeats written once.
TEXT: Json = {"type": "string"}
TIME: Json = {"type": "string", "format": "date-time"}
TYPES = array(
    "name", "attributes", name=TEXT, attributes=array("name", "type", name=TEXT, type=TEXT)
)
RELATED = array("objectId", "qualifier", objectId=TEXT, qualifier=TEXT)
SCHEMA: Json = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": TYPES,
        "objectTypes": TYPES,
        "events": array(
            "id", "type", "time",
            id=TEXT, type=TEXT, time=TIME, relationships=RELATED,
            attributes=array("name", "value", name=TEXT, value=TEXT),
        ),
        "objects": array(
            "id", "type",
            id=TEXT, type=TEXT, relationships=RELATED,
            attributes=array("name", "value", "time", name=TEXT, value=TEXT, time=TIME),
        ),
    },
}  # fmt: skip


def ocel(ruleset: Ruleset, store: SqlStore) -> Any:  # noqa: ANN401 - JSON
    """The log of a store."""
    with reading(store) as state:
        return json.loads("".join(ocel_pieces(ruleset, state.events(), state.cases())))


def sound(log: Any) -> None:  # noqa: ANN401 - JSON
    """Check what the schema and the text of the specification demand."""
    assert [] == list(Draft7Validator(SCHEMA).iter_errors(log))
    for items in ("events", "objects"):
        declared = {
            t["name"]: {a["name"]: a["type"] for a in t["attributes"]}
            for t in log[f"{items[:-1]}Types"]
        }
        ids = [item["id"] for item in log[items]]
        assert len(ids) == len(set(ids))
        for item in log[items]:
            assert {a["name"] for a in item["attributes"]} <= set(declared[item["type"]])
        kinds = {kind for types in declared.values() for kind in types.values()}
        assert kinds <= {"string", "time", "integer", "float", "boolean"}
    for item in (*log["events"], *(a for o in log["objects"] for a in o["attributes"])):
        parse_instant(item["time"])
    objects = {item["id"] for item in log["objects"]}
    related = [
        r["objectId"] for key in ("events", "objects") for i in log[key] for r in i["relationships"]
    ]
    assert set(related) <= objects


def test_ocel_is_as_the_standard_has_it(kept: SqlStore, desk: Ruleset) -> None:
    """Its shape is that of the schema, types are declared, relationships lead somewhere."""
    log = ocel(desk, kept)
    sound(log)

    by_id = {item["id"]: item for item in log["objects"]}
    assert {"report/1", "report/2", "unit/jinghu", "person/wang"} == set(by_id)
    report = by_id["report/1"]
    facts = {a["name"]: a["value"] for a in report["attributes"]}
    assert {
        "state": "verified",
        "headline": 'Spring <ploughing> & "sowing"\n春耕',
        "length": "12",
        "share": "0.25",
        "urgent": "true",
        "submitted_at": "2024-03-02T09:00:00+08:00",
        "verified_at": "2024-03-02T10:00:00+08:00",
    } == facts
    assert [{"objectId": "unit/jinghu", "qualifier": "unit"}] == report["relationships"]
    types = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log["objectTypes"]}
    assert {
        "state": "string",
        "headline": "string",
        "length": "integer",
        "share": "float",
        "urgent": "boolean",
        "sequence": "integer",
        "submitted_at": "time",
        "verified_at": "time",
    } == types["report"]


def test_events_of_ocel(kept: SqlStore, desk: Ruleset) -> None:
    """An event is related to its case, to who acted and to what its data name; days are dated."""
    events = {event["id"]: event for event in ocel(desk, kept)["events"]}
    related = [(r["qualifier"], r["objectId"]) for r in events["report/1#1"]["relationships"]]

    assert [
        ("case", "report/1"),
        ("actor", "person/wang"),
        ("unit", "unit/jinghu"),
    ] == related
    (dated,) = [
        e for e in events.values() if {"name": "time_known", "value": "date"} in e["attributes"]
    ]
    assert "2024-03-01T16:00:00Z" == dated["time"]
    last = [event for event in events.values() if event["id"].startswith("report/2#")][-1]
    assert {"objectId": "report/1", "qualifier": "of"} in last["relationships"]


def test_ocel_of_the_samples(samples: Mapping[str, Path], host: Host, tmp_path: Path) -> None:
    """The events of every shipped sample make a sound log."""
    for name, path in samples.items():
        ruleset = host.load(name)
        events = sorted(open_input(path, ruleset, host.formats()).events, key=place)[:300]
        sound(json.loads("".join(ocel_pieces(ruleset, events, ()))))
        file = tmp_path / f"{name}.xes"
        file.write_text("".join(xes_pieces(events)), "utf-8")
        assert len(events) == len(list(read_events(file, lambda _done, _total: None)))


def place(event: Any) -> tuple[str, int]:  # noqa: ANN401 - an event
    """Where an event stands."""
    return event.case, event.sequence


def test_the_command_writes_files(
    kept: SqlStore, cli: Cli, tmp_path: Path, desk_folder: Path
) -> None:
    """A file is written whole or not at all, and says so in either language."""
    file = tmp_path / "log.json"
    options = ["--format", "ocel", "--ruleset", desk_folder, "--output", file]
    ran = cli("export", kept.engine.url.database, *options, "--lang", "zh")
    sound(json.loads(file.read_text("utf-8")))

    assert (0, f"已写入：{file}\n") == (ran.code, ran.out)
    assert "<log " in cli("export", kept.engine.url.database, "--format", "xes").out


def test_what_cannot_be_exported(kept: SqlStore, cli: Cli, tmp_path: Path) -> None:
    """A ruleset that is needed, a folder that is not there, and a line that is damaged."""
    file = kept.engine.url.database
    target = tmp_path / "log.xes"
    with kept.engine.begin() as connection:
        connection.execute(sa.text("UPDATE kaocheng_events SET line = '{' WHERE position = 4"))
    damaged = cli("export", file, "--format", "xes", "--output", target)

    assert 2 == cli("export", file, "--format", "ocel").code
    assert "there is no folder" in cli("export", file, "-o", tmp_path / "no" / "file").err
    why = "this is not JSON: expecting property name enclosed in double quotes"
    said = f"a line of the journal cannot be read: {why}; `kaocheng audit verify` says where"
    assert (1, f"error: {said}\n") == (damaged.code, damaged.err)
    assert [] == [path for path in tmp_path.iterdir() if "log" in path.name]
