"""Scenario files: YAML timelines, every key known and every value at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingABC
from pathlib import Path

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import checked_event_time, parse_date, parse_instant
from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.journal.lines import UNKNOWN_WORD
from kaocheng.journal.texts import Unfit
from kaocheng.journal.values import value_reader
from kaocheng.language import declaration_codes
from kaocheng.language._header import LANGUAGE
from kaocheng.language._names import Names
from kaocheng.language.kinds import carried_types, instants_of
from kaocheng.language.merged import events_of, merged_kinds, states_of, takes_anything
from kaocheng.language.ruleset import Kind, Ruleset
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Number,
    Raw,
    Record,
    Text,
    listed,
    read_record,
    texts,
)
from kaocheng.language.types import BOOL, INT, STRING, Enum, ListOf, Type
from kaocheng.model.events import Actor, Correction, Event
from kaocheng.scenarios import codes
from kaocheng.scenarios.expectations import ExpectedReader, bad_time
from kaocheng.scenarios.model import Reading, Scenario, Step
from kaocheng.syntax import Mapping, Node, Parsed, Scalar, Sequence
from kaocheng.syntax import read as read_yaml
from kaocheng.syntax.quoting import shown

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})", re.ASCII)

ACTOR = Record(
    "an actor",
    "办理人",
    (
        Key("id", Text(), "the person", "人员", required=True),
        Key("unit", Text(), "the unit acted for", "单位"),
        Key("roles", Many(Text(), or_one=True), "the roles", "角色"),
    ),
)
CORRECTION = Record(
    "a correction",
    "更正",
    (
        Key(
            "sequence",
            Number(least=1),
            "the number of the event that it corrects",
            "所更正事件的序号",
            required=True,
        ),
        Key("reason", Text(), "why", "理由", required=True),
        Key("void", Flag(), "`true` where the event never happened", "事件不曾发生的写 `true`"),
        Key("at", Text(), "when it happened instead", "更正后的时间"),
        Key("data", Named(Raw()), "what it carries instead", "更正后的各项"),
    ),
)
EVENT = Record(
    "an event",
    "事件",
    (
        Key("case", Text(), "the case, `report/1`", "事项", required=True),
        Key("event", Text(), "what happened", "事件", required=True),
        Key(
            "at",
            Text(),
            "when; `unknown` where nobody knows",
            "时间；不详的写 `unknown`",
            required=True,
        ),
        Key(
            "sequence",
            Number(least=1),
            "its number within the case, where it is not the next one",
            "在事项中的序号（不是顺次的下一号时写明）",
        ),
        Key("recorded_at", Text(), "when it became known", "获知时间"),
        Key("actor", ACTOR, "who acted", "办理人"),
        Key("data", Named(Raw()), "what it carries", "所带各项"),
        Key("corrects", CORRECTION, "the earlier event that it corrects", "所更正的先前事件"),
        Key("refused", Flag(), "whether the lifecycle must refuse it", "是否应被拒绝"),
    ),
)
READING = Record(
    "a reading",
    "查阅",
    (
        Key("case", Text(), "the case, `report/1`", "事项", required=True),
        Key("actor", ACTOR, "who reads", "查阅人"),
        Key("refused", Flag(), "whether it must be refused", "是否应被拒绝"),
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
        Key("reads", Many(READING), "who may read cases at the end", "最终由谁查阅"),
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
    """The scenarios of a file; what is wrong with them is reported.

    Raises:
        InputError: the file cannot be opened.
    """
    return scenarios_of(read_yaml(path), ruleset, diagnostics)


def scenarios_of(
    parsed: Parsed, ruleset: Ruleset, diagnostics: Diagnostics
) -> tuple[Scenario, ...]:
    """The scenarios of a file that has been parsed."""
    diagnostics.extend(parsed.diagnostics)
    if parsed.root is None:
        return ()
    file = read_record(FILE, parsed.root, diagnostics, key="scenarios")
    if file is None:
        return ()
    language, name = file.text("kaocheng", LANGUAGE), file.text("ruleset", ruleset.name)
    if language != LANGUAGE:
        code, span = declaration_codes.LANGUAGE_VERSION, file.at("kaocheng")
        diagnostics.add(code, span, seen=shown(language))
    if name != ruleset.name:
        span = file.at("ruleset")
        diagnostics.add(codes.OTHER_RULESET, span, seen=shown(name), name=ruleset.name)
    names = Names(diagnostics)
    items = file.get("scenarios")
    found = []
    for item in items if isinstance(items, tuple) else ():
        if isinstance(item, Fields):
            names.claim(item.text("id"), item.at("id"), ("a scenario", "情景"))
            found.append(_Reader(ruleset, diagnostics).scenario(item))
    return tuple(scenario for scenario in found if scenario is not None)


class _Reader:
    """Reads one scenario."""

    def __init__(self, ruleset: Ruleset, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._ruleset = ruleset
        self._kinds: MappingABC[str, Kind] = merged_kinds(ruleset)
        self._expected = ExpectedReader(ruleset, diagnostics)

    def scenario(self, fields: Fields) -> Scenario | None:
        """The scenario, or None after reporting."""
        timeline = self._timeline(fields)
        expect = self._expected.read(fields, "expect")
        absent = self._expected.read(fields, "absent")
        states = self._states(fields)
        for key in ("as_of", "known_at"):
            self._time(fields, key)
        if any(key not in fields for key in ("id", "as_of", "timeline")):
            return None
        if not _expects(fields, timeline):
            self._diagnostics.add(codes.NOTHING_EXPECTED, fields.at("id"), id=fields.text("id"))
        return Scenario(
            id=fields.text("id"),
            titles=texts(fields.get("title")),
            cite=fields.text("cite"),
            timeline=tuple(timeline),
            as_of=fields.text("as_of"),
            known_at=fields.text("known_at") or None,
            expect=expect,
            absent=absent,
            states=states,
            reads=tuple(self._readings(fields)),
            span=fields.span,
        )

    # The timeline.

    def _timeline(self, fields: Fields) -> list[Step]:
        items = fields.get("timeline")
        numbers: dict[str, int] = {}
        found = []
        for item in items if isinstance(items, tuple) else ():
            if not isinstance(item, Fields):
                continue
            case = item.text("case")
            is_refused = item.get("refused") is True
            given = item.get("sequence")
            number = given if isinstance(given, int) else numbers.get(case, 0) + 1
            event = self._event(item, case, number)
            if event is not None:
                found.append(Step(event=event, refused=is_refused, span=item.span))
                numbers[case] = number if not is_refused else number - 1
        return found

    def _event(self, fields: Fields, case: str, number: int) -> Event | None:
        at, date = self._time(fields, "at")
        recorded, _ = self._time(fields, "recorded_at")
        kind = self._kind(case, fields.at("case")) if case else None
        if kind is None:
            return None
        data = dict(self._data(fields, kind))
        corrects = self._correction(fields.get("corrects"), kind)
        if "event" not in fields or "at" not in fields:
            return None
        if corrects is None:
            self._check_event(fields, kind)
            self._check_day(fields, kind, date)
        return Event(
            case=case,
            sequence=number,
            event=fields.text("event"),
            at=at,
            date=date,
            recorded_at=recorded if recorded is not None else at,
            actor=_actor(fields.get("actor")),
            data=data,
            corrects=corrects,
        )

    def _correction(self, fields: object, kind: Kind) -> Correction | None:
        if not isinstance(fields, Fields):
            return None
        at, date = self._time(fields, "at")
        sequence = fields.get("sequence")
        return Correction(
            sequence=sequence if isinstance(sequence, int) else 0,
            reason=fields.text("reason"),
            void=fields.get("void") is True,
            at=at,
            date=date,
            data=dict(self._data(fields, kind)),
        )

    def _kind(self, case: str, span: Span) -> Kind | None:
        """The kind of a case, `report/1`."""
        name, _, own = case.partition("/")
        if name in self._kinds and own:
            return self._kinds[name]
        hint = nearest(name, self._kinds)
        self._diagnostics.add(
            codes.UNKNOWN_KIND,
            span,
            seen=shown(case),
            suggestion=hint if hint != name else None,
            words=listed(self._kinds),
        )
        return None

    def _check_event(self, fields: Fields, kind: Kind) -> None:
        name, known = fields.text("event"), sorted(events_of(self._ruleset, kind.name))
        if name not in known and not takes_anything(self._ruleset, kind.name):
            hint = nearest(name, known)
            words = {"seen": name, "kind": kind.name, **listed(known)}
            span = fields.at("event")
            self._diagnostics.add(codes.UNKNOWN_EVENT, span, suggestion=hint, words=words)

    def _check_day(self, fields: Fields, kind: Kind, date: int | None) -> None:
        """Warn of an event with only a day, from which the kind takes an instant."""
        event = fields.text("event")
        is_taken = date is not None and fields.get("refused") is not True
        taken = instants_of(kind, event) if is_taken else ()
        if taken:
            words = {"event": event, **listed(taken)}
            self._diagnostics.add(codes.ONLY_A_DAY, fields.at("at"), words=words)

    def _time(self, fields: Fields, key: str) -> tuple[int | None, int | None]:
        """An instant, or a date; neither after reporting."""
        text = fields.text(key)
        try:
            if text == UNKNOWN_WORD and key == "at":
                return None, None
            at = parse_instant(text) if "T" in text else None
            date = parse_date(text) if text and at is None else None
            checked_event_time(at, date)
        except ClockError as error:
            bad_time(text, fields.at(key), error, self._diagnostics)
            return None, None
        return at, date

    def _data(self, fields: Fields, kind: Kind) -> Iterator[tuple[str, object]]:
        types = carried_types(kind)
        data, places = fields.get("data"), fields.names("data")
        for name, node in data.items() if isinstance(data, dict) else ():
            if name in types:
                yield name, self._value(node, types[name])
                continue
            hint = nearest(name, types)
            words = {"seen": shown(name), "kind": kind.name, **listed(types)}
            span = places[name]
            self._diagnostics.add(codes.UNKNOWN_DATA, span, suggestion=hint, words=words)

    def _value(self, node: Node, types: tuple[Type, ...]) -> object:
        """The value as a journal has it; one that a journal could not have is reported."""
        problems = []
        is_plain = isinstance(node, Scalar) and node.style == "plain"
        # Where a text would do as well as a number, quotes say that it is a text.
        for type_ in sorted(types, key=lambda type_: (type_ == STRING) == is_plain):
            value = _json(node, type_)
            try:
                if value is not None:
                    value_reader(type_)(value)
            except Unfit as error:
                problems.append(error.text)
            else:
                return value
        words = {"problem": problems[0].en, "problem_zh": problems[0].zh}
        self._diagnostics.add(codes.BAD_VALUE, node.span, words=words)
        return _json(node, types[0])

    # What is expected.

    def _states(self, fields: Fields) -> MappingABC[str, str]:
        states, places = fields.get("states"), fields.names("states")
        node = fields.nodes.get("states")
        for case, state in states.items() if isinstance(states, dict) else ():
            kind = self._kind(case, places[case])
            value = node.get(case) if isinstance(node, Mapping) else None
            if kind is not None and value is not None:
                self._check_state(kind, str(state), places[case], value.span)
        return {k: str(v) for k, v in states.items()} if isinstance(states, dict) else {}

    def _readings(self, fields: Fields) -> Iterator[Reading]:
        items = fields.get("reads")
        for item in items if isinstance(items, tuple) else ():
            if not isinstance(item, Fields) or "case" not in item:
                continue
            case = item.text("case")
            if self._kind(case, item.at("case")) is not None:
                actor, refused = _actor(item.get("actor")), item.get("refused") is True
                yield Reading(case=case, actor=actor, refused=refused, span=item.span)

    def _check_state(self, kind: Kind, state: str, case: Span, span: Span) -> None:
        known = states_of(self._ruleset, kind.name)
        if not known:
            self._diagnostics.add(codes.NO_STATES, case, kind=kind.name)
            return
        if state not in known:
            hint = nearest(state, known)
            words = {"seen": shown(state), "kind": kind.name, **listed(known)}
            code = declaration_codes.UNKNOWN_STATE
            self._diagnostics.add(code, span, suggestion=hint, words=words)


def _expects(fields: Fields, timeline: list[Step]) -> bool:
    """Whether something is said of what must come out, right or wrong."""
    stated = any(fields.get(key) for key in ("expect", "absent", "states", "reads"))
    return stated or any(step.refused for step in timeline)


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
    """The value as JSON has it; `unknown` without quotes is none."""
    item = type_.item if isinstance(type_, ListOf) else type_
    if isinstance(node, Sequence):
        return [_json(inner, item) for inner in node.items]
    if isinstance(node, Mapping):
        return {entry.key.text: _json(entry.value, item) for entry in node.entries}
    if node.text == UNKNOWN_WORD and node.style == "plain" and not has_unknown(type_):
        return None
    if type_ == INT and _WHOLE.fullmatch(node.text):
        return int(node.text)
    if type_ == BOOL and node.text in ("true", "false"):
        return node.text == "true"
    return node.text


def has_unknown(type_: Type) -> bool:
    """Whether `unknown` is one of the values that the type names."""
    item = type_.item if isinstance(type_, ListOf) else type_
    return isinstance(item, Enum) and UNKNOWN_WORD in item.values
