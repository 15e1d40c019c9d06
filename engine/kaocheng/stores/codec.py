"""Events, results and outcomes as the texts that a database keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from attrs import asdict, fields

from kaocheng.engine.cases import Governed, Record
from kaocheng.engine.database import Bulletin
from kaocheng.engine.outcome import Chain, Row, grown, unchained
from kaocheng.engine.refusing import Refused
from kaocheng.errors import JournalError
from kaocheng.journal.json_text import (
    BROKEN_CHARACTER,
    MOST_LEVELS,
    canonical,
    compact,
    parse_json,
)
from kaocheng.journal.lines import read_event
from kaocheng.journal.texts import Message, Text, Unfit
from kaocheng.journal.writing import event_line
from kaocheng.lifecycle import Refusal
from kaocheng.model.events import Actor, Correction, Event

GENESIS = "0" * 64
"""The hash before the first event of a tenant."""

MOST_BYTES = 1 << 20
"""How long the line of one event may be."""

MOST_SAID = 1000
"""How long the reason of a failure is kept."""

MOST_INDEXED = 220
"""How many characters a value may have by which cases are found."""

_NUL = Text("a NUL character cannot be kept", "空字符无法保存")
_BIG = Message(
    "too_big",
    "the event has {size} bytes, but may have {most}",
    "事件长 {size} 字节，至多 {most} 字节",
)
_NOT_JSON = Text(
    "a value is not text, a number, true, false, null, a list or an object of those",
    "有的值既不是文本、数、true、false、null，也不是由它们组成的清单或对象",
)


def line_of(event: Event) -> str:
    """The line of an event, as a journal has it.

    Raises:
        Refused: its data cannot be written or read again, or are longer than `MOST_BYTES`.
    """
    try:
        return _line(event)
    except Unfit as error:
        raise _bad_data(error.text, event) from error
    except UnicodeEncodeError as error:
        raise _bad_data(BROKEN_CHARACTER.fill(), event) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise _bad_data(_NOT_JSON, event) from error


def _line(event: Event) -> str:
    line = event_line(event)
    size = len(line.encode())
    if size > MOST_BYTES:
        raise Unfit(_BIG.fill(size=str(size), most=str(MOST_BYTES)))
    if "\\u0000" in line and _holds_nul((event.data, event.corrects and event.corrects.data)):
        raise Unfit(_NUL)
    if line.count("[") + line.count("{") > MOST_LEVELS:
        parse_json(line)  # which may be too deep to be read again
    return line


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(_holds_nul(key) or _holds_nul(value[key]) for key in value)
    return isinstance(value, list | tuple) and any(map(_holds_nul, value))


def indexed(key: str, text: str) -> str:
    """A text of the data by which cases are found.

    Raises:
        Refused: it is longer than databases can index.
    """
    if len(text) > MOST_INDEXED:
        why = Text(
            f"it has {len(text)} characters, but may have {MOST_INDEXED}",
            f"长 {len(text)} 个字符，至多 {MOST_INDEXED} 个",
        )
        raise Refused(Refusal("bad_data", {"key": key, "why": why}))
    return text


def event_of(line: str) -> Event:
    """The event of a line that `line_of` wrote.

    Raises:
        JournalError: somebody has changed it since.
    """
    try:
        raw = parse_json(line)
        if isinstance(raw, dict):
            return read_event(raw)
    except Unfit as error:
        raise JournalError(line, error.text.en, zh=error.text.zh) from error
    raise JournalError(line, "it is no object", zh="不是对象")


def chained(before: str, line: str) -> str:
    """The hash of an event: over the hash before it and its line."""
    return hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()


def results_text(record: Record, texts: Sequence[str] | None = None) -> str:
    """The rows of a case's online rules, in the order of the rules; from their texts, if known."""
    return f"[{','.join(rule_texts(record) if texts is None else texts)}]"


def rule_texts(
    record: Record, before: Record | None = None, texts: Sequence[str] | None = None
) -> Sequence[str]:
    """The rows of each online rule; what has only grown since `before` goes on with its text."""
    if before is None or texts is None or len(before.results) != len(record.results):
        return [compact(unchained(rows)) for rows in record.results]
    return list(map(_text_of, record.results, before.results, texts))


def _text_of(chain: Chain, was: Chain, text: str) -> str:
    rows = grown(chain, was)
    if rows is None:
        return text if chain == was else compact(unchained(chain))
    parts = [part for part in (text[1:-1], compact(rows)[1:-1]) if part]
    return f"[{','.join(parts)}]"


def hashes_of(governed: Governed, record: Record, hashes: Sequence[str]) -> str:
    """The hashes of the versions that govern a case: its lifecycle, and each rule's rows."""
    if len(hashes) == 1:
        return f'["{hashes[0]}"]'
    used: dict[int, None] = {governed.version: None}
    for rule, rows in zip(governed.rules, record.results, strict=True):
        place = rule.relation.index("version")
        for row in unchained(rows):
            version = row[place]
            if isinstance(version, int):
                used[version] = None
    return compact([hashes[version] for version in used])


def hashes_in(text: object) -> frozenset[str] | None:
    """The hashes that a row says govern its case; nothing where it cannot be read."""
    try:
        found = json.loads(str(text))
    except ValueError:
        return None
    return frozenset(map(str, found)) if isinstance(found, list) else None


def payload_hash(payload: Sequence[object]) -> str:
    """What stands for the payload of an act; the same for equal payloads only.

    Raises:
        Refused: it holds what cannot be written.
    """
    plain = [asdict(part) if isinstance(part, Actor | Correction) else part for part in payload]
    try:
        return hashlib.sha256(canonical(plain).encode()).hexdigest()
    except Unfit as error:
        raise _bad_data(error.text) from error
    except UnicodeEncodeError as error:
        raise _bad_data(BROKEN_CHARACTER.fill()) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise _bad_data(_NOT_JSON) from error


def _bad_data(why: Text, event: Event | None = None) -> Refused:
    refusal = Refusal("bad_data", {"key": "data", "why": why})
    return Refused(refusal, sequence=None if event is None else event.sequence)


class Messages:
    """The messages of one event as CloudEvents, their keys in a fixed order."""

    def __init__(self, source: str, position: int, head: str, time: str) -> None:
        self._position = position
        # Other events may stand at the same positions after a restore: their hashes differ.
        self._mark = head[:16]
        self._source = encode_basestring(source)
        self._time = time

    def text(self, number: int, kind: str, case: str, data: str) -> str:
        """The text of one message, of the JSON text of its data."""
        position = self._position
        return (
            f'{{"specversion":"1.0","id":"{position}.{number}-{self._mark}","source":{self._source},'
            f'"type":"kaocheng.{kind}","subject":{encode_basestring(case)},"time":"{self._time}",'
            f'"datacontenttype":"application/json","sequence":"{position:020}.{number:06}",'
            f'"data":{data}}}'
        )


def bulletin_of(row: Sequence[Any]) -> Bulletin:
    """What was published, of a row of the table without its tenant.

    Raises:
        JournalError: the row is not what was kept.
    """
    names = [attribute.name for attribute in fields(Bulletin)]
    values = dict(zip(names, row, strict=True))
    versions = values["versions"]
    try:
        values["versions"] = tuple(str(version) for version in json.loads(versions))
    except (ValueError, TypeError) as error:
        why = f"what is kept of the bulletin of `{values['case']}` is not what was kept"
        zh = f"所存的 `{values['case']}` 通报并非当时保存的内容"
        raise JournalError(str(versions), why, zh=zh) from error
    return Bulletin(**values)


def facts_text(columns: Mapping[str, object], row: Row) -> str:
    """The facts of a case by the names of their columns."""
    return compact(dict(zip(columns, row, strict=True)))


def sayable(why: str) -> str:
    """Why something failed, as every database can keep it: one line, not too long."""
    return "".join(c if c.isprintable() else "\ufffd" for c in why[:MOST_SAID])
