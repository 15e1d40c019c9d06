"""Where figures come from: the clause they stand in, or why they were assumed."""

from __future__ import annotations

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language import codes
from kaocheng.language.shapes import TITLES, Either, Fields, Key, Named, Text

# A reason for the whole, or reasons by what they are about; each may be in two languages.
REASON = Either(Text(), TITLES)
ASSUMED = Either(Text(), Named(REASON), titled=True)

SOURCE_KEYS = (
    Key("clause", Text(), "the clause it stands in", "出处条款"),
    Key("cite", Text(), "the document, where it is not the ruleset's own", "出处文件"),
    Key("assumed", ASSUMED, "what the text does not give, and why it was read so", "假定理由"),
)
"""What a table and a parameter say of where their figures come from."""


def check_clause(name: str, fields: Fields, span: Span, diagnostics: Diagnostics) -> None:
    """Warn of a figure that names neither its clause nor that it was assumed."""
    if not {"clause", "assumed"} & fields.nodes.keys():
        diagnostics.add(codes.NO_CLAUSE, span, id=name)
