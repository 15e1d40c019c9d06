"""What rows say of a case and what its journal says, side by side.

Nothing here reads a database or uses what writes one: whoever compares has read the rows and
has made the record anew from the events.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.engine.cases import Record
from kaocheng.engine.folding import UNTIMED, Folder
from kaocheng.engine.following import open_deadlines
from kaocheng.engine.outcome import unchained
from kaocheng.engine.reach import OnlineRule, watched_columns
from kaocheng.engine.timers import Timer
from kaocheng.journal.texts import Message, Text, shown
from kaocheng.language.schema import Relation
from kaocheng.language.types import INSTANT, STRING, Type
from kaocheng.model.events import Event
from kaocheng.rendering.values import plain
from kaocheng.stores.layout import Layout, layout_of

CASES, LINKS, TIMERS, OUTBOX = "cases", "links", "timers", "outbox"
BULLETINS, RECEIPTS = "bulletins", "receipts"
"""The tables that are compared, as people are told of them."""

COLUMN = Message(
    "column",
    "`{column}` is `{kept}`, but the journal says `{said}`",
    "`{column}` 所存为 `{kept}`，按台账应为 `{said}`",
)
NO_FACT = Message(
    "no_fact",
    "`{column}` is missing, and the journal says `{said}`",
    "`{column}` 缺失，按台账应为 `{said}`",
)
FACT_MORE = Message(
    "fact_more",
    "`{column}` is `{kept}`, of which the journal knows nothing",
    "`{column}` 所存为 `{kept}`，台账无据",
)
ROWS = Message(
    "rows",
    "`{column}` has {kept} rows, but the journal says {said}",
    "`{column}` 所存为 {kept} 行，按台账应为 {said} 行",
)
UNREADABLE = Message("unreadable", "`{column}` cannot be read", "`{column}` 无法读取")
NO_ROW = Message(
    "no_row",
    "the row of the case is missing, though the journal has {said} events of it",
    "该事项的行缺失，而台账中有其 {said} 条事件",
)
NO_EVENT = Message(
    "no_event",
    "there is a row, but the journal has no event of the case",
    "存有该行，而台账中没有该事项的事件",
)
NO_TIMER = Message(
    "no_timer",
    "the timer of `{column}` at {said} is missing",
    "规则 `{column}` 于 {said} 到期的定时缺失",
)
TIMER_MORE = Message(
    "timer_more",
    "there is a timer of `{column}` at {kept}, of which the journal knows nothing",
    "存有规则 `{column}` 于 {kept} 到期的定时，台账无据",
)
TIMER_READY = Message(
    "timer_ready",
    "the timer of `{column}` at {said} may be done from {kept} on, which no worker writes",
    "规则 `{column}` 于 {said} 到期的定时被定为自 {kept} 起处理，并非系统所为",
)
NO_LINK = Message(
    "no_link",
    "that `{column}` names `{said}` is missing",
    "`{column}` 指向 `{said}` 的记载缺失",
)
LINK_MORE = Message(
    "link_more",
    "it is kept that `{column}` names `{kept}`, of which the journal knows nothing",
    "存有 `{column}` 指向 `{kept}` 的记载，台账无据",
)
LINK_UNTIL = Message(
    "link_until",
    "`{column}` names `{value}` until `{kept}`, but the journal says `{said}`",
    "`{column}` 指向 `{value}` 的截止时间所存为 `{kept}`，按台账应为 `{said}`",
)


@frozen(kw_only=True)
class Difference:
    """Something that is kept and is not what the journal says, or the other way round.

    `column` is the column, the fact (`facts.unit`), the column of a rule's row
    (`results.verification.due`) or the rule of a timer; `kept` and `said` are what both say,
    where there is something to say.
    """

    code: str
    table: str
    case: str
    why: Text
    column: str | None = None
    kept: str | None = None
    said: str | None = None


def differs(  # noqa: PLR0913 - each says something else about one difference
    message: Message,
    table: str,
    case: str,
    *,
    column: str | None = None,
    kept: str | None = None,
    said: str | None = None,
    **values: str | Text,
) -> Difference:
    """A difference with its sentence."""
    values |= {"column": str(column), "kept": str(kept), "said": str(said)}
    why = message.fill(**values)
    return Difference(
        code=message.name, table=table, case=case, why=why, column=column, kept=kept, said=said
    )


Links = Mapping[tuple[str, str], int | None]
"""What a case names in which column, as JSON, and until when."""


def row_of(record: Record, folder: Folder, layout: Layout) -> dict[str, object]:
    """The row of a case, but for its stamp: texts that hold a value as that value."""
    governed = record.governed
    columns = governed.relations[governed.name].columns
    facts = as_json(dict(zip(columns, record.row, strict=True)))
    unit = facts.get("unit")
    due, undetermined = open_deadlines(record, folder.zone)
    return {
        "kind": governed.name,
        "state": record.state.state,
        "unit": unit if isinstance(unit, str) else None,
        "sequence": record.state.sequence,
        "as_of": record.as_of,
        "due": due,
        "undetermined": undetermined,
        "facts": {name: value for name, value in facts.items() if name in layout.facts},
        "results": as_json([unchained(record.results[place]) for place in layout.places]),
        "versions": _versions_of(record, folder.hashes),
    }


def _versions_of(record: Record, hashes: Sequence[str]) -> list[str]:
    used = [record.governed.version]
    for rule, rows in zip(record.governed.rules, record.results, strict=True):
        place = rule.relation.index("version")
        for row in unchained(rows):
            version = row[place]
            if isinstance(version, int) and version not in used:
                used.append(version)
    return [hashes[version] for version in used]


def links_of(folder: Folder, case: str, events: Sequence[Event]) -> Links:
    """What a case has named in the columns by which rules read children, and until when."""
    watched = watched_columns(folder.reach, case.partition("/")[0])
    links: dict[tuple[str, str], int | None] = {}
    was: list[object] = [None] * len(watched)
    last = UNTIMED
    for record in folder.steps(case, events) if watched else ():
        for number, (column, place) in enumerate(watched.items()):
            before, now = was[number], record.row[place]
            if now == before:
                continue
            if before is not None:
                links[column, _text(before)] = max(last, record.last)
            if now is not None:
                links[column, _text(now)] = None
            was[number] = now
        last = record.last
    return links


def links_in(rows: Iterable[Mapping[str, object]]) -> Links:
    """What rows say a case names, and until when."""
    return {(str(row["column"]), str(row["value"])): _until(row["until"]) for row in rows}


def _until(value: object) -> int | None:
    return value if isinstance(value, int) else None


def case_differences(
    row: Mapping[str, object], record: Record, folder: Folder, layout: Layout | None = None
) -> Iterator[Difference]:
    """Where the row of a case is not what its record says; `layout` is that of an older row."""
    case = record.state.case
    layout = layout or layout_of(len(folder.hashes), record, folder)
    for name, said in row_of(record, folder, layout).items():
        kept = row[name]
        if name in ("facts", "results", "versions"):
            try:
                kept = json.loads(str(kept))
            except ValueError:
                yield differs(UNREADABLE, CASES, case, column=name)
                continue
        if _text(kept) == _text(said):
            continue
        if name == "facts":
            yield from _fact_differences(case, kept, said, record, folder)
        elif name == "results":
            rules = [record.governed.rules[place] for place in layout.places]
            yield from _result_differences(case, kept, said, rules, folder)
        else:
            type_ = INSTANT if name in ("as_of", "due") else STRING
            yield _column(case, name, (kept, said), type_, folder)
    for place, rule in enumerate(record.governed.rules):
        if place not in layout.places and (count := len(unchained(record.results[place]))):
            column = f"results.{rule.id}"  # what is not in an older row says nothing
            yield differs(ROWS, CASES, case, column=column, kept="0", said=str(count))


def timer_differences(
    rows: Iterable[Mapping[str, Any]],
    case: str,
    timers: Collection[Timer],
    folder: Folder,
    latest: int | None = None,
) -> Iterator[Difference]:
    """Where timers that are kept of a case are not those of its record.

    `latest` is the instant until which one that is due may have been put off.
    """
    left = dict.fromkeys(timers)
    for row in rows:
        rule, at, ready = str(row["rule"]), row["at"], row["ready"]
        shown_at = _say(at, INSTANT, folder)
        if (rule, at) not in left:
            yield differs(TIMER_MORE, TIMERS, case, column=rule, kept=shown_at)
            continue
        del left[rule, at]
        if not _may_be(ready, at, latest):
            kept = _say(ready, INSTANT, folder)
            yield differs(TIMER_READY, TIMERS, case, column=rule, kept=kept, said=shown_at)
    for rule, at in left:
        yield differs(NO_TIMER, TIMERS, case, column=rule, said=_say(at, INSTANT, folder))


def _may_be(ready: object, at: object, latest: int | None) -> bool:
    if not isinstance(ready, int) or not isinstance(at, int) or ready < at:
        return False
    return latest is None or ready <= max(at, latest)


def link_differences(kept: Links, case: str, said: Links, folder: Folder) -> Iterator[Difference]:
    """Where it is kept otherwise than the journal says what a case names, and until when."""
    for key in sorted(kept.keys() | said.keys()):
        column, value = key
        if key not in said:
            yield differs(LINK_MORE, LINKS, case, column=column, kept=_unquoted(value))
        elif key not in kept:
            yield differs(NO_LINK, LINKS, case, column=column, said=_unquoted(value))
        elif kept[key] != said[key]:
            one, other = (_say(until[key], INSTANT, folder) for until in (kept, said))
            values = {"value": _unquoted(value)}
            yield differs(LINK_UNTIL, LINKS, case, column=column, kept=one, said=other, **values)


def _fact_differences(
    case: str, kept: object, said: object, record: Record, folder: Folder
) -> Iterator[Difference]:
    if not isinstance(kept, dict) or not isinstance(said, dict):
        yield differs(UNREADABLE, CASES, case, column="facts")
        return
    columns = record.governed.relations[record.governed.name].columns
    for name in dict.fromkeys((*said, *kept)):
        values = (kept.get(name), said.get(name))
        message = NO_FACT if name not in kept else COLUMN if name in said else FACT_MORE
        if message is COLUMN and _text(values[0]) == _text(values[1]):
            continue
        type_ = columns.get(name, STRING)
        yield _column(case, f"facts.{name}", values, type_, folder, message)


def _result_differences(
    case: str, kept: object, said: object, rules: Sequence[OnlineRule], folder: Folder
) -> Iterator[Difference]:
    if not isinstance(kept, list) or not isinstance(said, list):
        yield differs(UNREADABLE, CASES, case, column="results")
        return
    if len(kept) != len(rules):
        one, other = str(len(kept)), str(len(rules))
        yield differs(ROWS, CASES, case, column="results", kept=one, said=other)
        return
    for rule, one, other in zip(rules, kept, said, strict=True):
        if _text(one) != _text(other):
            yield _rule_difference(case, (one, other), rule.id, rule.relation, folder)


def _rule_difference(
    case: str, pair: tuple[object, list[object]], rule: str, relation: Relation, folder: Folder
) -> Difference:
    """The first value in which the rows of a rule differ."""
    kept, said = pair
    name = f"results.{rule}"
    if not isinstance(kept, list):
        return differs(UNREADABLE, CASES, case, column=name)
    if len(kept) != len(said):
        one, other = str(len(kept)), str(len(said))
        return differs(ROWS, CASES, case, column=name, kept=one, said=other)
    rows = zip(kept, said, strict=True)
    number, (row, wanted) = next(
        (number, rows)
        for number, rows in enumerate(rows, start=1)
        if _text(rows[0]) != _text(rows[1])
    )
    if not isinstance(row, list) or not isinstance(wanted, list) or len(row) != len(wanted):
        return differs(UNREADABLE, CASES, case, column=name)
    values = zip(relation.columns.items(), row, wanted, strict=True)
    (column, type_), one, other = next(v for v in values if _text(v[1]) != _text(v[2]))
    place = "" if len(said) == 1 else f"[{number}]"
    return _column(case, f"{name}{place}.{column}", (one, other), type_, folder)


def _column(  # noqa: PLR0913, PLR0917 - which column, both values, and how they are shown
    case: str,
    name: str,
    values: tuple[object, object],
    type_: Type,
    folder: Folder,
    message: Message = COLUMN,
) -> Difference:
    kept, said = (_say(value, type_, folder) for value in values)
    return differs(message, CASES, case, column=name, kept=kept, said=said)


def _say(value: object, type_: Type, folder: Folder) -> str:
    """A value as people read it; one that is none of its type as it stands there."""
    try:
        return shown(plain(value, type_, folder.zone))
    except (ClockError, ValueError, OverflowError):
        return shown(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _unquoted(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value


def as_json(value: object) -> Any:  # noqa: ANN401 - as the reader of JSON
    """A value as JSON gives it back."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=dict))
