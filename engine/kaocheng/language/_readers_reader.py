"""Who may read a case, from YAML; the conditions are compiled later."""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.language._clauses import ASSUMED
from kaocheng.language.ruleset import Reader
from kaocheng.language.shapes import (
    TITLES,
    Expression,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Record,
    Text,
    texts,
)
from kaocheng.syntax import Scalar

READER = Record(
    "a reader",
    "查阅权限",
    (
        Key("by", Many(Identifier(), or_one=True), "the roles it is about", "所涉角色"),
        Key("when", Expression("true or false"), "the condition", "条件"),
        Key(
            "barred",
            Flag(),
            "`true` where it bars from reading, whatever else permits it",
            "禁止查阅的写 `true`，优先于一切许可",
        ),
        Key("title", TITLES, "what people call it", "名称"),
        Key("clause", Text(), "the clause it comes from", "出处条款"),
        Key("assumed", ASSUMED, "what the text does not give, and why it was read so", "假定理由"),
    ),
)


def read_readers(fields: Fields) -> tuple[Reader, ...]:
    """The readers of a kind, without their conditions."""
    return tuple(_reader(record) for record in _records(fields))


def conditions(fields: Fields) -> Iterator[tuple[int, Scalar]]:
    """The conditions that wait for the front end, by the place of their reader."""
    for index, record in enumerate(_records(fields)):
        when = record.get("when")
        if isinstance(when, Scalar):
            yield index, when


def _records(fields: Fields) -> Iterator[Fields]:
    found = fields.get("readers")
    for record in found if isinstance(found, tuple) else ():
        if isinstance(record, Fields):
            yield record


def _reader(record: Fields) -> Reader:
    by = record.get("by")
    return Reader(
        by=tuple(str(role) for role in by) if isinstance(by, tuple) else (),
        barred=record.get("barred") is True,
        titles=texts(record.get("title")),
        clause=record.text("clause"),
        span=record.span,
    )
