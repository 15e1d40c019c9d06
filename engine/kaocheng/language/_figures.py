"""What people need of a table or a parameter: its title, its clause, what was assumed.

What the readers of a kind assume stands with them, as that of `report.readers`.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from kaocheng.diagnostics import Diagnostics
from kaocheng.language._clauses import SOURCE_KEYS
from kaocheng.language._readers_reader import READER
from kaocheng.language.documents import Document
from kaocheng.language.ruleset import RuleText
from kaocheng.language.sections import rule_text
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Key,
    Record,
    listed_items,
    named_entries,
    read,
)
from kaocheng.syntax import Mapping

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
    """The texts of tables, parameters and readers; what is wrong there is reported elsewhere."""
    found: dict[str, RuleText] = {}
    for section in SECTIONS:
        for key, value in named_entries(document.node(section), Diagnostics(), key=section):
            fields = read(FIGURE, value, Diagnostics(), key=key.text)
            if isinstance(fields, Fields):
                text = rule_text(fields, section, cite=cite)
                found[key.text] = evolve(text, id=key.text, span=key.span)
    return found | {text.id: text for text in _of_readers(document, cite)}


def _of_readers(document: Document, cite: str) -> Iterator[RuleText]:
    """What the readers of each kind assume, where they assume anything."""
    for key, value in named_entries(document.node("kinds"), Diagnostics(), key="kinds"):
        entries = value.entries if isinstance(value, Mapping) else ()
        node = next((entry.value for entry in entries if entry.key.text == "readers"), None)
        items = listed_items(node, Diagnostics(), key="readers")
        records = [read(READER, item, Diagnostics(), key="readers", in_list=True) for item in items]
        texts = [rule_text(r, "readers", cite=cite) for r in records if isinstance(r, Fields)]
        assumed = tuple(assumption for text in texts for assumption in text.assumed)
        if assumed:
            name = f"{key.text}.readers"
            yield evolve(texts[0], id=name, titles={}, clause="", assumed=assumed, span=key.span)
