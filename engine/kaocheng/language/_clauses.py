"""Where figures come from: the clause they stand in, or why they were assumed."""

from __future__ import annotations

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language import codes
from kaocheng.language.shapes import Fields


def check_clause(name: str, fields: Fields, span: Span, diagnostics: Diagnostics) -> None:
    """Warn of a figure that names neither its clause nor that it was assumed."""
    if not {"clause", "assumed"} & fields.nodes.keys():
        diagnostics.add(codes.NO_CLAUSE, span, id=name)
