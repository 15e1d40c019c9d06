"""Inputs from YAML: how rows of a foreign table become events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingABC

from attrs import frozen

from kaocheng.calendars.zones import Zones
from kaocheng.diagnostics import Code, Diagnostics, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language._header import check_zone
from kaocheng.language._names import Names
from kaocheng.language._relations import known_kind
from kaocheng.language._values_reader import read_value
from kaocheng.language.kinds import data_types, declared_events
from kaocheng.language.ruleset import ColumnInput, EventInput, Input, Kind
from kaocheng.language.shapes import (
    TITLES,
    Choice,
    Fields,
    Identifier,
    Key,
    Many,
    Named,
    Record,
    Text,
    listed,
    listed_items,
    read,
)
from kaocheng.language.types import DATE, INSTANT, ListOf, Type
from kaocheng.syntax import Mapping, Node, Scalar
from kaocheng.syntax.quoting import shown

_COLUMN = Key("column", Text(), "the column's name in the file", "文件中的列名", required=True)
_FORMAT = Key(
    "format", Text(), "how a date or time is written, as for strptime", "日期时间的书写格式"
)
_BLANK = Key(
    "blank", Choice(("unknown", "never", "error")), "what a blank cell means", "空白的含义"
)

TIME = Record(
    "the time of an event",
    "事件时间",
    (
        _COLUMN,
        _FORMAT,
        Key("as", Choice(("date", "instant")), "what kind of time it is", "时间按日期还是按时刻"),
        _BLANK,
    ),
)

COLUMN = Record(
    "a column",
    "栏目",
    (
        _COLUMN,
        _FORMAT,
        _BLANK,
        Key(
            "values",
            Named(Text()),
            "spellings of the file and what they mean here",
            "文件中的写法与本规则集取值的对应",
        ),
    ),
)

EVENT = Record(
    "an event",
    "事件",
    (
        Key("at", TIME, "when it happened", "发生时间", required=True),
        Key("data", Named(COLUMN), "what it carries", "所带各项"),
    ),
)

CASE = Record(
    "a case",
    "事项",
    (
        Key("kind", Identifier(), "the kind of the cases", "类别", required=True),
        Key("id", Text(), "the column that names the case", "标明事项的列", required=True),
    ),
)

INPUT = Record(
    "an input",
    "输入",
    (
        Key("id", Identifier(), "its name", "编号", required=True),
        Key("title", TITLES, "what people call it", "名称"),
        Key("format", Text(), "the format of the file", "文件格式", required=True),
        Key("case", CASE, "which case a row belongs to", "各行所属事项", required=True),
        Key("events", Named(EVENT), "the events that a row gives", "各行产生的事件", required=True),
        Key("order_by", Many(Text(), or_one=True), "the columns that order the rows", "排序依据"),
        Key("time_zone", Text(), "the zone of local times in the file", "文件中当地时间的时区"),
        Key(
            "ignore",
            Many(Text(), or_one=True),
            "columns that are not used; `*` is every other",
            "不使用的列；`*` 指其余各列",
        ),
        Key(
            "replaces",
            Identifier(),
            "the input of the extended version that this one replaces",
            "所替换的原输入",
        ),
    ),
)


@frozen(kw_only=True)
class InputSetting:
    """What inputs may name: kinds, formats, and zones; `zone` is the ruleset's own."""

    kinds: MappingABC[str, Kind]
    formats: tuple[str, ...]
    zones: Zones
    zone: str


def read_inputs(
    node: Node | None, setting: InputSetting, diagnostics: Diagnostics
) -> dict[str, Input]:
    """The inputs of a version by id."""
    names = Names(diagnostics)
    found: dict[str, Input] = {}
    for item in listed_items(node, diagnostics, key="inputs"):
        fields = read(INPUT, item, diagnostics, key="inputs", in_list=True)
        if not isinstance(fields, Fields):
            continue
        if "id" in fields:
            names.claim(fields.text("id"), fields.at("id"), ("an input", "输入"))
        read_input = _InputReader(fields, setting, diagnostics).input()
        if read_input is not None:
            found[read_input.id] = read_input
    return found


class _InputReader:
    """Reads one input."""

    def __init__(self, fields: Fields, setting: InputSetting, diagnostics: Diagnostics) -> None:
        self._fields = fields
        self._setting = setting
        self._diagnostics = diagnostics

    def input(self) -> Input | None:
        """The input, or None after reporting."""
        fields = self._fields
        self._check_format()
        zone = fields.text("time_zone") or self._setting.zone
        if "time_zone" in fields:
            check_zone(zone, fields.at("time_zone"), self._setting.zones, self._diagnostics)
        case = fields.get("case")
        if not isinstance(case, Fields) or "kind" not in case:
            return None
        kinds = self._setting.kinds
        kind = known_kind(case.text("kind"), case.at("kind"), kinds, self._diagnostics)
        if kind is None:
            return None
        return Input(
            id=fields.text("id"),
            format=fields.text("format"),
            kind=kind.name,
            case=case.text("id"),
            events=tuple(self._events(kind)),
            order_by=_texts(fields.get("order_by")),
            zone=zone,
            ignore=_texts(fields.get("ignore")),
            span=fields.span,
        )

    def _check_format(self) -> None:
        seen, known = self._fields.text("format"), self._setting.formats
        if seen and seen not in known:
            self._diagnostics.add(
                declaration_codes.UNKNOWN_FORMAT,
                self._fields.at("format"),
                seen=shown(seen),
                suggestion=nearest(seen, known),
                words=listed(known),
            )

    def _events(self, kind: Kind) -> Iterator[EventInput]:
        events = self._fields.get("events")
        places = self._fields.names("events")
        known = sorted(declared_events(kind))
        for name, fields in events.items() if isinstance(events, dict) else ():
            if name not in known:
                self._unknown(declaration_codes.UNKNOWN_EVENT, name, kind, known, places[name])
            at = fields.get("at")
            data = dict(self._data(fields, kind))
            if isinstance(at, Fields):
                time = DATE if at.text("as", "instant") == "date" else INSTANT
                yield EventInput(event=name, at=self._column(at, time), data=data)

    def _data(self, fields: Fields, kind: Kind) -> Iterator[tuple[str, ColumnInput]]:
        """The columns of an event's data, each under the name of its field."""
        columns = fields.get("data")
        places = fields.names("data")
        types = data_types(kind)
        for name, column in columns.items() if isinstance(columns, dict) else ():
            if name not in types:
                self._unknown(codes.WRONG_FIELD, name, kind, list(types), places[name])
            elif isinstance(column, Fields):
                yield name, self._column(column, types[name])

    def _unknown(self, code: Code, name: str, kind: Kind, known: list[str], span: Span) -> None:
        hint = nearest(name, known)
        values = {"seen": shown(name), "kind": kind.name, **listed(known)}
        self._diagnostics.add(code, span, suggestion=hint, words=values)

    def _column(self, fields: Fields, type_: Type) -> ColumnInput:
        form = fields.text("format")
        if form and not _is_time_format(form):
            self._diagnostics.add(
                declaration_codes.TIME_FORMAT, fields.at("format"), seen=shown(form)
            )
        return ColumnInput(
            column=fields.text("column"),
            type=type_,
            form=form,
            blank=fields.text("blank", "error"),
            values=self._values(fields, type_),
        )

    def _values(self, fields: Fields, type_: Type) -> MappingABC[str, str]:
        """What spellings of the file mean; each must be a value of the field."""
        values = fields.get("values")
        node = fields.nodes.get("values")
        for entry in node.entries if isinstance(node, Mapping) else ():
            if isinstance(entry.value, Scalar) and not isinstance(type_, ListOf):
                read_value(entry.value, type_, self._diagnostics)
        return {k: str(v) for k, v in values.items()} if isinstance(values, dict) else {}


def _is_time_format(form: str) -> bool:
    """Whether it has directives, and only such as there are."""
    import time

    if "%" not in form:
        return False
    try:
        time.strptime("", form)
    except ValueError as error:
        # A text that does not fit is fine: an empty one fits no format.
        return "does not match format" in str(error)
    except (IndexError, KeyError, re.error):
        return False
    return True


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple) else ()
