"""Inputs from YAML: how rows of a foreign table become events."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC

from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language import codes
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
    read,
)
from kaocheng.language.types import DATE, INSTANT, Type
from kaocheng.syntax import Node, Sequence

COLUMN = Record(
    "a column",
    "栏目",
    (
        Key("column", Text(), "the column's name in the file", "文件中的列名", required=True),
        Key(
            "format", Text(), "how a date or time is written, as for strptime", "日期时间的书写格式"
        ),
        Key("as", Choice(("date", "instant")), "what kind of time `at` is", "时间按日期还是按时刻"),
        Key(
            "blank", Choice(("unknown", "never", "error")), "what a blank cell means", "空白的含义"
        ),
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
        Key("at", COLUMN, "when it happened", "发生时间", required=True),
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
    ),
)


def read_inputs(
    node: Node | None,
    kinds: MappingABC[str, Kind],
    formats: Iterable[str],
    zone: str,
    diagnostics: Diagnostics,
) -> dict[str, Input]:
    """The inputs of a version by id."""
    found: dict[str, Input] = {}
    if not isinstance(node, Sequence):
        return found
    for item in node.items:
        fields = read(INPUT, item, diagnostics, key="inputs")
        if not isinstance(fields, Fields) or "id" not in fields:
            continue
        read_input = _InputReader(fields, kinds, tuple(formats), zone, diagnostics).input()
        if read_input is not None:
            found[read_input.id] = read_input
    return found


class _InputReader:
    """Reads one input."""

    def __init__(
        self,
        fields: Fields,
        kinds: MappingABC[str, Kind],
        formats: tuple[str, ...],
        zone: str,
        diagnostics: Diagnostics,
    ) -> None:
        self.fields = fields
        self.kinds = kinds
        self.formats = formats
        self.zone = zone
        self.diagnostics = diagnostics

    def input(self) -> Input | None:
        """The input, or None after reporting."""
        fields = self.fields
        case = fields.get("case")
        if not isinstance(case, Fields) or "kind" not in case or "id" not in case:
            return None
        self._known(fields.text("format"), self.formats, "format")
        kind = self.kinds.get(case.text("kind"))
        if kind is None:
            self.diagnostics.add(
                codes.UNKNOWN_RELATION,
                case.at("kind"),
                seen=case.text("kind"),
                suggestion=nearest(case.text("kind"), self.kinds),
            )
            return None
        return Input(
            id=fields.text("id"),
            format=fields.text("format"),
            kind=kind.name,
            case=case.text("id"),
            events=self._events(kind),
            order_by=_texts(fields.get("order_by")),
            zone=fields.text("time_zone", self.zone),
            ignore=_texts(fields.get("ignore")),
            span=fields.span,
        )

    def _known(self, seen: str, known: tuple[str, ...], key: str) -> None:
        if seen not in known:
            self.diagnostics.add(
                codes.UNKNOWN_FORMAT,
                self.fields.at(key),
                seen=seen,
                suggestion=nearest(seen, known),
                known=", ".join(f"`{k}`" for k in known),
            )

    def _events(self, kind: Kind) -> tuple[EventInput, ...]:
        events = self.fields.get("events")
        found = []
        for name, fields in events.items() if isinstance(events, dict) else ():
            self._declared(name, fields, kind)
            at = fields.get("at")
            if not isinstance(at, Fields):
                continue
            time = DATE if at.text("as", "instant") == "date" else INSTANT
            data = fields.get("data")
            columns = {
                key: self._column(value, self._type(kind, key, value))
                for key, value in (data.items() if isinstance(data, dict) else ())
            }
            typed = {key: column for key, column in columns.items() if column is not None}
            found.append(EventInput(event=name, at=_column(at, time), data=typed))
        return tuple(found)

    def _declared(self, name: str, fields: Fields, kind: Kind) -> None:
        known = declared_events(kind)
        if name not in known:
            self.diagnostics.add(
                codes.UNKNOWN_EVENT,
                fields.span,
                seen=name,
                kind=kind.name,
                suggestion=nearest(name, known),
            )

    def _type(self, kind: Kind, key: str, fields: Fields) -> Type | None:
        types = data_types(kind)
        if key not in types:
            self.diagnostics.add(
                codes.WRONG_FIELD,
                fields.span,
                seen=key,
                kind=kind.name,
                suggestion=nearest(key, types),
            )
        return types.get(key)

    def _column(self, fields: Fields, type_: Type | None) -> ColumnInput | None:
        return None if type_ is None else _column(fields, type_)


def _column(fields: Fields, type_: Type) -> ColumnInput:
    values = fields.get("values")
    return ColumnInput(
        column=fields.text("column"),
        type=type_,
        form=fields.text("format"),
        blank=fields.text("blank", "error"),
        values={k: str(v) for k, v in values.items()} if isinstance(values, dict) else {},
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple) else ()
