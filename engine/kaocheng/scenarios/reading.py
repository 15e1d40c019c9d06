"""Scenario files: YAML timelines, every key known and every value at its place."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from pathlib import Path

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import parse_date, parse_instant
from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language.kinds import data_types, declared_events
from kaocheng.language.ruleset import Kind, Ruleset
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Raw,
    Record,
    Text,
    read,
)
from kaocheng.language.types import BOOL, INT, Type
from kaocheng.model.events import Actor, Event
from kaocheng.scenarios import codes
from kaocheng.scenarios.model import Expected, Scenario, Step
from kaocheng.syntax import Mapping, Node, Scalar, Sequence
from kaocheng.syntax import read as read_yaml

ACTOR = Record(
    "an actor",
    "办理人",
    (
        Key("id", Text(), "the person", "人员", required=True),
        Key("unit", Text(), "the unit acted for", "单位"),
        Key("roles", Many(Text(), or_one=True), "the roles", "角色"),
    ),
)
EVENT = Record(
    "an event",
    "事件",
    (
        Key("case", Text(), "the case, `report/1`", "事项", required=True),
        Key("event", Identifier(), "what happened", "事件", required=True),
        Key("at", Text(), "when", "时间", required=True),
        Key("recorded_at", Text(), "when it became known", "获知时间"),
        Key("actor", ACTOR, "who acted", "办理人"),
        Key("data", Named(Raw()), "what it carries", "所带各项"),
        Key("refused", Flag(), "whether the lifecycle must refuse it", "是否应被拒绝"),
    ),
)
SCENARIO = Record(
    "a scenario",
    "情景",
    (
        Key("id", Identifier(), "its name", "编号", required=True),
        Key("title", TITLES, "what it shows", "说明"),
        Key("cite", Text(), "the sentence it comes from", "所据原文"),
        Key("as_of", Text(), "the world's time", "截至", required=True),
        Key("known_at", Text(), "the time of our knowledge", "获知截至"),
        Key("timeline", Many(EVENT), "what happens", "经过", required=True),
        Key("expect", Many(Named(Raw())), "rows that must be there", "应有的结果"),
        Key("absent", Many(Named(Raw())), "rows that must not", "不应有的结果"),
        Key("states", Named(Text()), "the states of cases at the end", "事项的最终状态"),
    ),
)
FILE = Record(
    "the file",
    "文件",
    (
        Key("kaocheng", Text(), "the version of the language", "规则语言版本", required=True),
        Key("ruleset", Text(), "the ruleset", "规则集"),
        Key("scenarios", Many(SCENARIO), "the scenarios", "情景", required=True),
    ),
)


def scenario_files(ruleset: Ruleset) -> tuple[Path, ...]:
    """The scenario files of a ruleset's folder."""
    return tuple(sorted((Path(ruleset.folder) / "scenarios").glob("*.yaml")))


def read_scenarios(path: Path, ruleset: Ruleset, diagnostics: Diagnostics) -> tuple[Scenario, ...]:
    """The scenarios of a file; what is wrong with them is reported."""
    parsed = read_yaml(path)
    diagnostics.extend(parsed.diagnostics)
    if parsed.root is None:
        return ()
    file = read(FILE, parsed.root, diagnostics, key="the file")
    if not isinstance(file, Fields):
        return ()
    if file.text("ruleset", ruleset.name) != ruleset.name:
        seen = file.text("ruleset")
        diagnostics.add(codes.OTHER_RULESET, file.at("ruleset"), seen=seen, name=ruleset.name)
    reader = _Reader(ruleset, diagnostics)
    items = file.get("scenarios")
    found = (
        [reader.scenario(item) for item in items if isinstance(item, Fields)]
        if isinstance(items, tuple)
        else []
    )
    return tuple(scenario for scenario in found if scenario is not None)


class _Reader:
    """Reads the scenarios of one ruleset."""

    def __init__(self, ruleset: Ruleset, diagnostics: Diagnostics) -> None:
        self.ruleset = ruleset
        self.diagnostics = diagnostics
        self.kinds: MappingABC[str, Kind] = {
            name: kind for version in ruleset.versions for name, kind in version.kinds.items()
        }
        self.rules = {rule.id: rule for rule in ruleset.plan.rules}

    def scenario(self, fields: Fields) -> Scenario | None:
        """One scenario, or None after reporting."""
        if any(key not in fields for key in ("id", "as_of", "timeline")):
            return None
        timeline = self._timeline(fields)
        expect, absent = self._expected(fields, "expect"), self._expected(fields, "absent")
        states = fields.get("states")
        if not (expect or absent or states or any(step.refused for step in timeline)):
            self.diagnostics.add(codes.NOTHING_EXPECTED, fields.span, id=fields.text("id"))
        title = fields.get("title")
        return Scenario(
            id=fields.text("id"),
            titles={k: str(v) for k, v in title.values.items()}
            if isinstance(title, Fields)
            else {},
            cite=fields.text("cite"),
            timeline=tuple(timeline),
            as_of=fields.text("as_of"),
            known_at=fields.text("known_at") or None,
            expect=expect,
            absent=absent,
            states={k: str(v) for k, v in states.items()} if isinstance(states, dict) else {},
            span=fields.span,
        )

    def _timeline(self, fields: Fields) -> list[Step]:
        items = fields.get("timeline")
        numbers: dict[str, int] = {}
        found = []
        for item in items if isinstance(items, tuple) else ():
            if not isinstance(item, Fields) or any(k not in item for k in ("case", "event", "at")):
                continue
            case = item.text("case")
            is_refused = item.get("refused") is True
            number = numbers.get(case, 0) + 1
            event = self._event(item, case, number)
            if event is not None:
                found.append(Step(event=event, refused=is_refused, span=item.span))
                numbers[case] = number if not is_refused else number - 1
        return found

    def _event(self, fields: Fields, case: str, number: int) -> Event | None:
        kind = self.kinds.get(case.partition("/")[0])
        if kind is None or not case.partition("/")[2]:
            known = ", ".join(f"`{name}`" for name in self.kinds)
            hint = nearest(case.partition("/")[0], self.kinds)
            self.diagnostics.add(
                codes.UNKNOWN_KIND, fields.at("case"), seen=case, known=known, suggestion=hint
            )
            return None
        name = fields.text("event")
        events = declared_events(kind)
        if name not in events:
            hint = nearest(name, events)
            self.diagnostics.add(
                codes.UNKNOWN_EVENT, fields.at("event"), seen=name, kind=kind.name, suggestion=hint
            )
        at, date = self._time(fields, "at")
        recorded, _ = self._time(fields, "recorded_at")
        return Event(
            case=case,
            sequence=number,
            event=name,
            at=at,
            date=date,
            recorded_at=recorded if recorded is not None else at,
            actor=_actor(fields.get("actor")),
            data=self._data(fields, kind),
        )

    def _time(self, fields: Fields, key: str) -> tuple[int | None, int | None]:
        text = fields.text(key)
        if not text:
            return None, None
        try:
            if "T" in text:
                return parse_instant(text), None
            return None, parse_date(text)
        except ClockError as error:
            self.diagnostics.add(
                codes.BAD_TIME,
                fields.at(key),
                seen=text,
                problem=error.message,
                problem_zh=error.zh,
            )
            return None, None

    def _data(self, fields: Fields, kind: Kind) -> dict[str, object]:
        types = data_types(kind)
        data = fields.get("data")
        found: dict[str, object] = {}
        for name, node in data.items() if isinstance(data, dict) else ():
            if name not in types:
                hint = nearest(name, types)
                self.diagnostics.add(
                    codes.UNKNOWN_DATA, node.span, seen=name, kind=kind.name, suggestion=hint
                )
                continue
            found[name] = _json(node, types[name])
        return found

    def _expected(self, fields: Fields, key: str) -> tuple[Expected, ...]:
        rows = fields.get(key)
        node = fields.nodes.get(key)
        found = []
        for row, item in zip(rows, _items(node), strict=False) if isinstance(rows, tuple) else ():
            columns = {name: cell.text for name, cell in row.items() if isinstance(cell, Scalar)}
            rule = columns.pop("rule", "")
            if rule not in self.rules:
                hint = nearest(rule, self.rules)
                self.diagnostics.add(codes.UNKNOWN_RULE, item.span, seen=rule, suggestion=hint)
                continue
            self._check_columns(rule, columns, row)
            found.append(Expected(rule=rule, columns=columns, span=item.span))
        return tuple(found)

    def _check_columns(
        self, rule: str, columns: MappingABC[str, str], row: MappingABC[str, Node]
    ) -> None:
        known = {
            c
            for name, plan in self.rules.items()
            if name == rule or name.startswith(f"{rule}.")
            for c in plan.relation.columns
        }
        for name in columns:
            if name not in known:
                self.diagnostics.add(
                    codes.UNKNOWN_COLUMN,
                    row[name].span,
                    rule=rule,
                    seen=name,
                    suggestion=nearest(name, known),
                    known=", ".join(f"`{c}`" for c in sorted(known)),
                )


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _actor(value: object) -> Actor | None:
    if not isinstance(value, Fields):
        return None
    roles = value.get("roles")
    return Actor(
        id=value.text("id"),
        unit=value.text("unit") or None,
        roles=tuple(str(r) for r in roles) if isinstance(roles, tuple) else (),
    )


def _json(node: Node, type_: Type) -> object:
    if isinstance(node, Sequence):
        return [_json(item, type_) for item in node.items]
    if isinstance(node, Mapping):
        return {entry.key.text: _json(entry.value, type_) for entry in node.entries}
    if type_ == INT and node.text.lstrip("-").isdecimal():
        return int(node.text)
    if type_ == BOOL and node.text in ("true", "false"):
        return node.text == "true"
    return node.text
