"""What people need of a table or a parameter: its title, its clause, what was assumed."""

from __future__ import annotations

from attrs import evolve

from kaocheng.diagnostics import Diagnostics
from kaocheng.language._clauses import SOURCE_KEYS
from kaocheng.language.documents import Document
from kaocheng.language.ruleset import RuleText
from kaocheng.language.sections import rule_text
from kaocheng.language.shapes import TITLES, Fields, Key, Record, named_entries, read

FIGURE = Record(
    "a figure",
    "数值",
    (
        Key("title", TITLES, "what people call it", "名称"),
        *SOURCE_KEYS,
    ),
)
SECTIONS = ("tables", "parameters")


def read_figures(document: Document, cite: str) -> dict[str, RuleText]:
    """The texts of a version's tables and parameters; what is wrong there is reported elsewhere."""
    found: dict[str, RuleText] = {}
    for section in SECTIONS:
        for key, value in named_entries(document.node(section), Diagnostics(), key=section):
            fields = read(FIGURE, value, Diagnostics(), key=key.text)
            if isinstance(fields, Fields):
                text = rule_text(fields, section, cite=cite)
                found[key.text] = evolve(text, id=key.text, span=key.span)
    return found
