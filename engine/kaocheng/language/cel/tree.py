"""An expression as it was written: names, calls, lists and macros with their places.

CEL hands macros over expanded, as comprehensions over a variable that nobody can write
(`@result`), so their shapes are unambiguous and are folded back here. Places are offsets
in code points; a node covers the token that says what it is (`&&`, `startsWith`, `.level`).
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RESULT = "@result"
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASKED = re.compile(r"\.\s*([A-Za-z_]\w*)\s*\)", re.ASCII)
_TOKEN = re.compile(
    r"[A-Za-z_]\w*(?!['\"\w])"
    r"|-?\s*(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[uU]?"
    r"|[bBrR]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")",
    re.ASCII | re.DOTALL,
)

# How CEL names the operators, and how they are written.
OPERATORS: Mapping[str, str] = {
    "_&&_": "&&",
    "_||_": "||",
    "!_": "!",
    "-_": "-",
    "_?_:_": "?",
    "_==_": "==",
    "_!=_": "!=",
    "_<_": "<",
    "_<=_": "<=",
    "_>_": ">",
    "_>=_": ">=",
    "_+_": "+",
    "_-_": "-",
    "_*_": "*",
    "_/_": "/",
    "_%_": "%",
    "_[_]": "[",
    "@in": "in",
}


@frozen
class Node:
    """The root of all nodes: the token from `start` to `end`."""

    start: int
    end: int


@frozen
class Constant(Node):
    """A literal: `kind` is CEL's word for it, `source` its text as written."""

    kind: str
    value: bool | int | float | str | bytes | None
    source: str


@frozen
class Name(Node):
    """A name that stands alone."""

    name: str


@frozen
class Select(Node):
    """`operand.field`."""

    operand: Node
    field: str


@frozen
class Presence(Node):
    """`has(operand.field)`."""

    selected: Select


@frozen
class Apply(Node):
    """A function, method or operator (named as CEL does) on its arguments."""

    function: str
    target: Node | None
    args: tuple[Node, ...]


@frozen
class Listing(Node):
    """A list written out."""

    items: tuple[Node, ...]


@frozen
class Braces(Node):
    """A map, or a message of the given name."""

    message: str


@frozen
class Macro(Node):
    """`exists`, `all`, `exists_one`, `filter` or `map` of `body` over a list."""

    how: str
    over: Node
    variable: Name
    body: Node


def build(message: Any, text: str) -> Node:  # noqa: ANN401 -- a message class that exists at run time only
    """The tree of a `CheckedExpr` or `ParsedExpr` that was compiled from `text`."""
    return _Builder(text, dict(message.source_info.positions)).node(message.expr)


class _Builder:
    """Turns messages into nodes; one per expression."""

    def __init__(self, text: str, positions: dict[int, int]) -> None:
        self._text = text
        self._positions = positions
        self._kinds: Mapping[str, Callable[[Any, int], Node]] = {
            "const_expr": self._const_expr,
            "ident_expr": self._ident_expr,
            "select_expr": self._select_expr,
            "call_expr": self._call_expr,
            "list_expr": self._list_expr,
            "struct_expr": self._struct_expr,
            "comprehension_expr": self._comprehension_expr,
        }

    def node(self, message: Any) -> Node:  # noqa: ANN401
        kind = message.WhichOneof("expr_kind")
        at = self._positions.get(message.id, 0)
        return self._kinds[kind](getattr(message, kind), at)

    def _const_expr(self, constant: Any, at: int) -> Node:  # noqa: ANN401
        kind = constant.WhichOneof("constant_kind")
        end = self._token_end(at)
        return Constant(at, end, kind, getattr(constant, kind), self._text[at:end])

    def _ident_expr(self, ident: Any, at: int) -> Node:  # noqa: ANN401
        name = ident.name
        written = self._text.startswith(name, at)
        return Name(at, at + len(name) if written else self._token_end(at), name)

    def _select_expr(self, select: Any, at: int) -> Node:  # noqa: ANN401
        operand = self.node(select.operand)
        if not select.test_only:
            return self._selected(operand, select.field, at + 1)
        start, end = self._word_before(at)
        asked = (f for f in _ASKED.finditer(self._text, operand.end) if f[1] == select.field)
        field = next(asked, None)
        selected = self._selected(operand, select.field, field.start(1) if field else operand.end)
        return Presence(start, end, selected)

    def _selected(self, operand: Node, field: str, after: int) -> Select:
        """The field is what stands after the dot and any white space."""
        start = after
        while self._text[start : start + 1].isspace():
            start += 1
        return Select(start, start + len(field), operand, field)

    def _call_expr(self, call: Any, at: int) -> Node:  # noqa: ANN401
        function = call.function
        written = OPERATORS.get(function)
        start, end = (at, at + len(written)) if written else self._word_before(at, function)
        target = self.node(call.target) if call.HasField("target") else None
        return Apply(start, end, function, target, tuple([self.node(arg) for arg in call.args]))

    def _list_expr(self, listing: Any, at: int) -> Node:  # noqa: ANN401
        return Listing(at, at + 1, tuple(map(self.node, listing.elements)))

    def _struct_expr(self, struct: Any, at: int) -> Node:  # noqa: ANN401
        return Braces(at, at + max(1, len(struct.message_name)), struct.message_name)

    def _comprehension_expr(self, loop: Any, at: int) -> Node:  # noqa: ANN401
        over, step = self.node(loop.iter_range), loop.loop_step.call_expr
        match loop.accu_init.WhichOneof("expr_kind"), step.function:
            case "const_expr", "_||_":
                return self._macro("exists", over, loop, at, step.args[1])
            case "const_expr", "_&&_":
                return self._macro("all", over, loop, at, step.args[1])
            case "const_expr", _:
                return self._macro("exists_one", over, loop, at, step.args[0])
            case _, "_+_":
                return self._macro("map", over, loop, at, _appended(step))
            case _:
                return self._filter(over, loop, at, step)

    def _filter(self, over: Node, loop: Any, at: int, step: Any) -> Node:  # noqa: ANN401
        """A filter, or a map with a condition, which is a map over a filter."""
        kept = self._macro("filter", over, loop, at, step.args[0])
        item = _appended(step.args[1].call_expr)
        if item.ident_expr.name == loop.iter_var:
            return kept
        return self._macro("map", kept, loop, at, item)

    def _macro(self, how: str, over: Node, loop: Any, at: int, body: Any) -> Macro:  # noqa: ANN401
        # The expansion does not say whether `map` or `filter` was written.
        start, end = self._word_before(at)
        named = _NAME.search(self._text, at)
        where = named.span() if named else (at, at + 1)
        return Macro(start, end, how, over, Name(*where, loop.iter_var), self.node(body))

    def _token_end(self, at: int) -> int:
        found = _TOKEN.match(self._text, at)
        return found.end() if found else at + 1

    def _word_before(self, parenthesis: int, name: str = "") -> tuple[int, int]:
        """The place of the word that a call's parenthesis follows, most likely `name`."""
        start = parenthesis - len(name)
        if name.isidentifier() and start >= 0 and self._text.startswith(name, start):
            return start, parenthesis
        end = parenthesis
        while end and self._text[end - 1].isspace():
            end -= 1
        start = end
        while start and self._text[start - 1] in _WORD:
            start -= 1
        return (start, end) if start < end else (parenthesis, parenthesis + 1)


def _appended(step: Any) -> Any:  # noqa: ANN401
    """The item that `@result + [item]` appends."""
    return step.args[1].list_expr.elements[0]
