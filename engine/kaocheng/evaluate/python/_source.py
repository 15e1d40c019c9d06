"""Source text in the making: lines with their indent, names, and a module to hold both.

Generated text holds no string of a ruleset except as `repr` of a checked value and, with
everything but letters, digits and underscores taken out, as part of a name.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

from kaocheng.evaluate.python._primitives import PRIMITIVES

_INDENT = "    "
# What generated code itself calls: no local may take these names.
_TAKEN = frozenset({*keyword.kwlist, *keyword.softkwlist, "len", "min", "tuple", "c", "s"})


@frozen
class Value:
    """A piece of generated code that yields a value.

    `nullable` says that it may be None. A `tight` one needs no parentheses around it; a
    `simple` one is a name or a literal, which may be written twice. `into` is the name
    that the code itself assigns to.
    """

    code: str
    nullable: bool = True
    tight: bool = False
    simple: bool = False
    into: str | None = None

    @property
    def inner(self) -> str:
        """The code as it stands inside other code."""
        return self.code if self.tight or self.simple else f"({self.code})"


UNKNOWN = Value("None", simple=True)


def constant(value: object) -> Value:
    """A literal of the number line, or a list of them."""
    if isinstance(value, tuple):
        return tuple_of([constant(item) for item in value])
    if value is not None and type(value) not in {bool, int, str}:
        message = f"`{value!r}` is not a value of the number line"
        raise TypeError(message)
    return Value(repr(value), nullable=value is None, simple=True)


def tuple_of(values: Sequence[Value]) -> Value:
    """A tuple written out."""
    codes = ", ".join(value.inner for value in values)
    return Value(f"({codes},)" if len(values) == 1 else f"({codes})", nullable=False, tight=True)


def named(name: str, *, nullable: bool = True) -> Value:
    """A local name."""
    return Value(name, nullable=nullable, simple=True)


def unknown_test(values: Sequence[Value]) -> str:
    """`a is None or b is None` for those of the names that may be; empty when none may."""
    names = dict.fromkeys(value.code for value in values if value.nullable)
    return " or ".join(f"{name} is None" for name in names)


def known_or_none(
    values: Sequence[Value], body: str, *, partial: bool = False, into: str | None = None
) -> Value:
    """`body`, or None where one of the names it rests on is None."""
    test = unknown_test(values)
    if not test:
        return Value(body, nullable=partial, into=into)
    return Value(f"None if {test} else {body}", into=into)


def identifier(hint: str) -> str:
    """A Python identifier made of what is one already in `hint`."""
    name = re.sub(r"\W+", "_", hint, flags=re.ASCII).strip("_")
    return name if name and not name[0].isdigit() else f"v{name}"


class Names:
    """Hands out each name once."""

    def __init__(self, taken: frozenset[str] = _TAKEN) -> None:
        self._taken = set(taken)

    def new(self, hint: str, *, prefix: str = "") -> str:
        """A name like `hint` that nothing else has."""
        base = name = prefix + identifier(hint)
        count = 1
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name)
        return name


class Lines:
    """The lines of one function, each with its depth."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._depth = 1

    def add(self, text: str) -> None:
        """One more line at the present depth."""
        self._lines.append((self._depth, text))

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Lines below a header such as `if x:`."""
        self.add(header)
        self._depth += 1
        yield
        self._depth -= 1

    def open(self, header: str) -> None:
        """Begin a block that lasts until all are closed."""
        self.add(header)
        self._depth += 1

    def close_all(self) -> None:
        """End every block."""
        self._depth = 1

    @contextmanager
    def aside(self) -> Iterator[list[tuple[int, str]]]:
        """Lines that are kept apart, to be placed (or not) in a block that follows."""
        lines, self._lines = self._lines, []
        yield self._lines
        self._lines = lines

    def place(self, lines: list[tuple[int, str]]) -> None:
        """Put lines here, at the present depth, that were kept apart."""
        self._lines.extend((self._depth + depth - lines[0][0], text) for depth, text in lines)

    def text(self) -> str:
        """All lines."""
        return "".join(f"{_INDENT * depth}{text}\n" for depth, text in self._lines)


@frozen
class Compiled:
    """A module's text and, by name, what running it defined."""

    source: str
    names: Mapping[str, Any] = field(repr=False)


class Module:
    """Functions in the making, and the objects that they name."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._texts: list[str] = []
        self._bound: dict[str, object] = dict(PRIMITIVES)
        self._names = Names(_TAKEN | PRIMITIVES.keys())
        self._by_thing: dict[object, str] = {}

    def bind(self, hint: str, key: object, make: Callable[[], object]) -> str:
        """The name of a prepared object; made once for each (hint, key)."""
        known = self._by_thing.get((hint, key))
        if known is not None:
            return known
        name = self._by_thing[hint, key] = self._names.new(hint, prefix="_")
        self._bound[name] = make()
        return name

    def bound(self, name: str) -> object:
        """The object that was bound to a name."""
        return self._bound[name]

    def define(self, hint: str, parameters: Sequence[str], lines: Lines, note: str) -> str:
        """Add a function and give its name."""
        name = self._names.new(hint)
        header = f"# {_one_line(note)}\ndef {name}({', '.join(parameters)}):\n"
        self._texts.append(f"{header}{lines.text()}")
        return name

    def compiled(self) -> Compiled:
        """Compile everything at once; what runs is this package's text and checked values."""
        source = "\n\n".join((f"# {_one_line(self.title)}\n", *self._texts))
        names = dict(self._bound)
        filename = f"<kaocheng: {_one_line(self.title)}>"
        exec(compile(source, filename, "exec", dont_inherit=True), names)  # noqa: S102
        return Compiled(source, names)


def _one_line(text: str) -> str:
    """Text that ends where its line ends, whatever it holds."""
    return "".join(char if char.isprintable() else " " for char in text)
