"""The types of facts and expressions.

All evaluators share one number line: a date is a whole number of days since
1970-01-01, an instant and a duration are whole microseconds, a decimal is a
whole number of units of its scale, an enumeration value and a reference are
strings. An unknown value is `None`; a date or instant that has not happened is
`kaocheng.calendars.NEVER`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Type:
    """The root of all types."""


@frozen
class Primitive(Type):
    """A type without parameters: `bool`, `int`, `string`, `date`, `instant` or `duration`."""

    name: str

    def __str__(self) -> str:
        """The name as policy writers write it."""
        return self.name


BOOL = Primitive("bool")
INT = Primitive("int")
STRING = Primitive("string")
DATE = Primitive("date")
INSTANT = Primitive("instant")
DURATION = Primitive("duration")


@frozen
class Decimal(Type):
    """An exact number with `scale` decimal places, kept as an integer of that unit."""

    scale: int

    def __str__(self) -> str:
        """The name as policy writers write it."""
        return "decimal"


@frozen
class Enum(Type):
    """One of the named values; `ordered` ones compare by their place in `values`.

    `titles` are what people call values, by language: they are no part of what the type is.
    """

    name: str
    values: tuple[str, ...]
    ordered: bool = False
    titles: Mapping[str, Mapping[str, str]] = field(factory=dict, eq=False, repr=False)

    def __str__(self) -> str:
        """The values as policy writers write them."""
        return "one of " + ", ".join(self.values)


@frozen
class Reference(Type):
    """The case id of another case of `kind` (`unit/jing_hu`)."""

    kind: str

    def __str__(self) -> str:
        """The kind it refers to."""
        return self.kind


@frozen
class Row(Type):
    """A row of the named relation."""

    relation: str

    def __str__(self) -> str:
        """The relation it is a row of."""
        return f"row of {self.relation}"


@frozen
class ListOf(Type):
    """A list; `item` may be a row, which makes it the children of a row."""

    item: Type

    def __str__(self) -> str:
        """As `list of …`."""
        return f"list of {self.item}"


def is_number(type_: Type) -> bool:
    """Whether arithmetic applies: integers and decimals."""
    return type_ == INT or isinstance(type_, Decimal)


def is_time(type_: Type) -> bool:
    """Whether it is a point in time: a date or an instant."""
    return type_ in (DATE, INSTANT)
