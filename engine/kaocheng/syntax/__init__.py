"""The first stage: YAML text becomes a located tree; what each value means is asked later."""

from __future__ import annotations

from kaocheng.syntax.durations import Duration, as_duration
from kaocheng.syntax.limits import Limits
from kaocheng.syntax.numbers import as_decimal, as_int
from kaocheng.syntax.parse import Parsed, parse
from kaocheng.syntax.reading import read
from kaocheng.syntax.scalars import as_bool, as_date, as_identifier, as_text, as_time
from kaocheng.syntax.tree import Entry, Mapping, Node, Scalar, Sequence

__all__ = [
    "Duration",
    "Entry",
    "Limits",
    "Mapping",
    "Node",
    "Parsed",
    "Scalar",
    "Sequence",
    "as_bool",
    "as_date",
    "as_decimal",
    "as_duration",
    "as_identifier",
    "as_int",
    "as_text",
    "as_time",
    "parse",
    "read",
]
