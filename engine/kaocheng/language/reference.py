"""The reference as Markdown: tables of keys, operations, types and diagnostics.

They come from what reads and checks a ruleset, so a page that is filled from here says
what the checker does. A page marks where a table goes:

    <!-- generated: deadlines -->
    <!-- end -->

`fill` puts the tables there. Which sections and diagnostics there are is for the caller
to say: plugins add to both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kaocheng.diagnostics import Code
from kaocheng.language._header import HEADER
from kaocheng.language._inputs_reader import INPUT
from kaocheng.language._kinds_reader import FIELD, KIND, LIST, SPELL
from kaocheng.language._lifecycle_reader import LIFECYCLE, TRANSITION
from kaocheng.language._readers_reader import READER
from kaocheng.language._relations import RELATION
from kaocheng.language._tables_reader import TABLE
from kaocheng.language._types_reader import TYPE
from kaocheng.language._values_reader import PARAMETER, PERIOD
from kaocheng.language.cel import feature_codes
from kaocheng.language.operations import OPERATIONS
from kaocheng.language.sections import COMMON_KEYS, FOR_KEY, Section
from kaocheng.language.shapes import (
    TITLES,
    Choice,
    Day,
    DecimalNumber,
    Either,
    Expression,
    Flag,
    Identifier,
    Many,
    Named,
    Number,
    Phrase,
    Raw,
    Record,
    Shape,
    Text,
)

CORE: Mapping[str, Record] = {
    "head": HEADER,
    "kind": KIND,
    "field": FIELD,
    "list": LIST,
    "spell": SPELL,
    "lifecycle": LIFECYCLE,
    "transition": TRANSITION,
    "reader": READER,
    "relation": RELATION,
    "parameter": PARAMETER,
    "table": TABLE,
    "period": PERIOD,
    "input": INPUT,
    "rule": Record("a rule", "规则", (*COMMON_KEYS, FOR_KEY)),
}
"""The parts of a ruleset that are not sections of a plugin, by the name of their block."""

TYPES = (
    ("`bool`", "true or false", "`true`"),
    ("`int`", "a whole number", "`46`"),
    ("`decimal(1)`", "an exact number with so many decimal places, 0 to 9", "`12.5`"),
    ("`string`", "text", "`spring ploughing`"),
    ("`date`", "a day, which is never an instant at midnight", "`2009-03-02`"),
    ("`instant`", "a moment with its offset", "`2009-03-02T09:00:00+08:00`"),
    ("`duration`", "a length of time", "`2 hours`"),
    ("the name of a kind", "a case of that kind", "`unit/jinghu`"),
    ("`{one_of: [a, b]}`", "one of the names, without an order", "`a`"),
    ("`{ordered: [a, b]}`", "one of the names, from least to most", "`a`"),
    ("`{one_of: {a: {zh: 甲, en: A}}}`", "the same, each with its title; so with `ordered`", "`a`"),
    ("`{list: person}`", "several of a type", "`[person/wang, person/zhao]`"),
)

# Not shown inside other tables: what has a place of its own, or is known by then.
_ELSEWHERE = {TITLES.name, TYPE.name, *(record.name for record in CORE.values())}
_WORDS: Mapping[type[Shape], str] = {
    Text: "text",
    Identifier: "name",
    Number: "whole number",
    DecimalNumber: "number",
    Flag: "`true` or `false`",
    Day: "date",
    Phrase: "duration",
}
_PLACEHOLDER = re.compile(r"\{\w+\}")
_BLOCK = re.compile(r"(<!-- generated: ([a-z0-9_ ]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def fill(page: str, blocks: Mapping[str, str]) -> str:
    """The page with every marked place filled; a block that is not known stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        text = blocks.get(found[2])
        return found[0] if text is None else f"{found[1]}\n{text}\n\n{found[4]}"

    return _BLOCK.sub(replaced, page)


def marked(page: str) -> tuple[str, ...]:
    """The names of the blocks that a page has places for."""
    return tuple(found[2] for found in _BLOCK.finditer(page))


def language_blocks(sections: Iterable[Section]) -> dict[str, str]:
    """The blocks of the language reference, with those of the given sections."""
    return {
        **{name: record_tables(record) for name, record in CORE.items()},
        **{section.name: section_tables(section) for section in sections},
        "types": table(("type", "what it is", "example"), TYPES),
        "operations": operation_table(),
        "refused": feature_table(),
    }


def section_tables(section: Section) -> str:
    """The keys of a section's rules beside those that every rule has."""
    common = {key.name for key in (*COMMON_KEYS, FOR_KEY)}
    runs_over = section.shape.key("for") == FOR_KEY
    if not runs_over:
        common.remove("for")
    own = (key for key in section.shape.keys if key.name not in common)
    return record_tables(Record(section.shape.name, section.shape.zh, tuple(own)))


def record_tables(record: Record) -> str:
    """The table of a record's keys, and below it one for each record inside."""
    places: dict[Record, list[str]] = {}
    for path, inner in _inside(record, ""):
        places.setdefault(inner, []).append(f"`{path}`")
    below = [f"{', '.join(p)}: {r.name}\n\n{key_table(r)}" for r, p in places.items()]
    return "\n\n".join([key_table(record), *below])


def key_table(record: Record) -> str:
    """A row for each key: what its value looks like and what it means."""
    rows = [
        (f"`{key.name}`", "yes" if key.required else "", shape_words(key.shape), key.en)
        for key in record.keys
    ]
    return table(("key", "needed", "value", "meaning"), rows)


def operation_table() -> str:
    """Every operation that a policy writer can write, with its meaning in both languages."""
    rows = [(f"`{op.written}`", op.shape, op.en, op.zh) for op in OPERATIONS.values() if op.written]
    return table(("written", "takes and gives", "meaning", "含义"), rows)


def feature_table() -> str:
    """What CEL has and the language of rules refuses, with what to write instead."""
    rows = [
        (f"{code.id} {code.name}", _plain(code.en), _plain(code.help_en))
        for code in feature_codes.CODES
    ]
    return table(("diagnostic", "what is said", "what to write"), rows)


def code_table(codes: Iterable[Code]) -> str:
    """Every diagnostic with both texts; what a message fills in stands in braces."""
    rows = [
        (
            code.id,
            code.name,
            code.severity.value,
            _texts(code.en, code.help_en),
            _texts(code.zh, code.help_zh),
        )
        for code in sorted(codes, key=lambda code: code.id)
    ]
    return table(("code", "name", "weight", "English", "中文"), rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def shape_words(shape: Shape) -> str:  # noqa: PLR0911 - one case per shape
    """What a value looks like, in a few words."""
    match shape:
        case Choice(values=values):
            return _either([f"`{value}`" for value in values])
        case Expression(gives=gives):
            return f"expression: {gives}"
        case Many(item=item, or_one=or_one):
            one = shape_words(item)
            return f"{one}, or a list" if or_one else f"list: {one}"
        case Named(item=item):
            return f"names, each with {shape_words(item)}"
        case Record(name=name):
            return "title in `zh` and `en`" if shape is TITLES else name
        case Either(scalar=scalar, mapping=mapping):
            return _either(list(dict.fromkeys((shape_words(scalar), shape_words(mapping)))))
        case Raw(gives=gives):
            return gives
        case _:
            return _WORDS[type(shape)]


def _inside(record: Record, path: str) -> Iterator[tuple[str, Record]]:
    """The records that a record's values are made of, each with the keys that lead to it."""
    for key in record.keys:
        for inner in _records(key.shape):
            where = f"{path}{key.name}"
            if inner.name not in _ELSEWHERE:
                yield where, inner
                yield from _inside(inner, f"{where}.")


def _records(shape: Shape) -> Iterator[Record]:
    match shape:
        case Record():
            yield shape
        case Many(item=item) | Named(item=item):
            yield from _records(item)
        case Either(scalar=scalar, mapping=mapping):
            yield from _records(scalar)
            yield from _records(mapping)
        case Raw(parts=parts):
            yield from parts
        case _:
            return


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _texts(text: str, help_text: str) -> str:
    """A message with its help; what is filled in stays in braces."""
    whole = text if not help_text else f"{text}<br>→ {help_text}"
    return whole.replace("{{", "{").replace("}}", "}")


def _plain(text: str) -> str:
    """A message in which what is filled in is left open."""
    return _PLACEHOLDER.sub("…", text)


def _cell(text: str) -> str:
    """Text that stays in its cell and means itself."""
    return text.replace("|", "\\|").replace("\n", " ")
