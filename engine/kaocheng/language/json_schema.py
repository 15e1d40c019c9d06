"""The JSON Schema of a version file, for editors: made from the shapes that the checker reads.

Editors complete keys and show what they mean; what a ruleset means is the checker's business,
so a file that fits the schema may still not check. Draft 2020-12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from kaocheng.language._header import HEADER
from kaocheng.language._kinds_reader import KIND
from kaocheng.language.reference import CORE
from kaocheng.language.sections import Section
from kaocheng.language.shapes import (
    Choice,
    Day,
    DecimalNumber,
    Either,
    Expression,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Number,
    Phrase,
    Raw,
    Record,
    Shape,
    Text,
)

Schema: TypeAlias = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_NAME = "^[a-z_][a-z0-9_]*$"
# What a version has beside its head and the sections of plugins, and whether it is a list.
_CORE: Mapping[str, tuple[Shape, bool]] = {
    "kinds": (KIND, False),
    "relations": (CORE["relation"], True),
    "parameters": (CORE["parameter"], False),
    "tables": (CORE["table"], False),
    "periods": (CORE["period"], False),
    "inputs": (CORE["input"], True),
}


def version_schema(sections: Iterable[Section], *, language: str = "en") -> Schema:
    """The schema of a version file under these sections; descriptions in `en` or `zh`."""
    writer = _Writer(language)
    properties = {key.name: writer.key(key) for key in HEADER.keys}
    for name, (shape, is_list) in _CORE.items():
        item = writer.shape(shape)
        properties[name] = (
            {"type": "array", "items": item}
            if is_list
            else {"type": "object", "additionalProperties": item}
        )
    for section in sections:
        title = section.titles.get(language, section.name)
        items = writer.shape(section.shape)
        properties[section.name] = {"type": "array", "items": items, "description": title}
    return {
        "$schema": DRAFT,
        "type": "object",
        "properties": properties,
        "required": [key.name for key in HEADER.keys if key.required],
        "additionalProperties": False,
    }


class _Writer:
    """Writes schemas of shapes, with descriptions in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def key(self, key: Key) -> Schema:
        """The schema of a key's value, with what the key means."""
        meaning = key.zh if self._language == "zh" else key.en
        schema = self.shape(key.shape)
        return {**schema, "description": meaning} if meaning else schema

    def shape(self, shape: Shape) -> Schema:  # noqa: C901, PLR0911 - one case per shape
        """The schema of a shape; every plain value may also be written as a text."""
        match shape:
            case Record():
                return self._record(shape)
            case Many(item=item, or_one=or_one):
                one = self.shape(item)
                several: Schema = {"type": "array", "items": one}
                return {"anyOf": [one, several]} if or_one else several
            case Named(item=item, identifiers=identifiers):
                named: Schema = {"type": "object", "additionalProperties": self.shape(item)}
                return {**named, "propertyNames": {"pattern": _NAME}} if identifiers else named
            case Either(scalar=scalar, mapping=mapping):
                return {"anyOf": [self.shape(scalar), self.shape(mapping)]}
            case Choice(values=values):
                return {"enum": [*values, *(int(v) for v in values if v.isdigit())]}
            case Identifier():
                return {"type": "string", "pattern": _NAME}
            case Flag():
                return {"type": "boolean"}
            case Number(least=least):
                return {"type": "integer"} if least is None else _whole(least)
            case Text() | Expression() | DecimalNumber() | Day() | Phrase():
                return dict(_SCALAR)
            case Raw():
                return {}
            case _:
                raise TypeError(type(shape).__name__)

    def _record(self, record: Record) -> Schema:
        # A lifecycle has its events as keys beside those that it declares.
        is_open = record is CORE["lifecycle"]
        schema: Schema = {
            "type": "object",
            "properties": {key.name: self.key(key) for key in record.keys},
            "additionalProperties": is_open,
        }
        required = [key.name for key in record.keys if key.required]
        return {**schema, "required": required} if required else schema


def _whole(least: int) -> Schema:
    return {"type": "integer", "minimum": least}
