"""The CEL front end: expressions of rules from text to checked trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel.frontend import FrontEnd
from kaocheng.language.cel.places import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaocheng.diagnostics import Diagnostics
    from kaocheng.language.expressions import Expr
    from kaocheng.language.schema import Schema
    from kaocheng.language.types import Type

__all__ = ["FrontEnd", "Text", "compile_text"]


def compile_text(
    text: str,
    schema: Schema,
    variables: Mapping[str, Type],
    *,
    expected: Type | Sequence[Type] | None = None,
    diagnostics: Diagnostics,
) -> Expr | None:
    """The checked expression of a text that stands in no file; see `FrontEnd.compile`."""
    return FrontEnd(schema).compile(
        Text(text), variables, expected=expected, diagnostics=diagnostics
    )
