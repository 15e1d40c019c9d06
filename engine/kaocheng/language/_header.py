"""The head of a version document: names, dates, zone; and versions against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from itertools import pairwise

from attrs import frozen

from kaocheng.calendars.numberline import date_to_days, days_to_date
from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import codes
from kaocheng.language.documents import Document
from kaocheng.language.shapes import (
    TITLES,
    Day,
    Either,
    Fields,
    Identifier,
    Key,
    Many,
    Raw,
    Record,
    Text,
    read,
    read_record,
)
from kaocheng.plan.algebra import Window
from kaocheng.syntax import Scalar

EFFECTIVE = Record(
    "the time in force",
    "施行时间",
    (
        Key(
            "from",
            Either(Text(), Raw()),
            "the first day in force, or `open`",
            "施行首日，或 `open`",
            required=True,
        ),
        Key("last_day", Day(), "the last day in force", "施行末日"),
    ),
)

HEADER = Record(
    "the ruleset",
    "规则集",
    (
        Key("kaocheng", Text(), "the version of the language", "规则语言版本", required=True),
        Key("ruleset", Text(), "the name of the ruleset", "规则集名称", required=True),
        Key("version", Text(), "the name of this version", "版本名称", required=True),
        Key("title", TITLES, "what people call it", "名称"),
        Key("cite", Text(), "the document it comes from", "出处文件"),
        Key("effective", EFFECTIVE, "when it is in force", "施行时间", required=True),
        Key("extends", Text(), "the version it builds on", "所沿用的版本"),
        Key(
            "without",
            Many(Identifier()),
            "rules of the extended version that fall away",
            "不再沿用的规则",
        ),
        Key("time_zone", Text(), "the zone of local time", "时区"),
        Key("calendar", Text(), "the calendar of working days", "工作日历"),
    ),
)
HEADER_KEYS = tuple(key.name for key in HEADER.keys)


@frozen(kw_only=True)
class Header:
    """The head of one version."""

    ruleset: str
    version: str
    titles: MappingABC[str, str]
    cite: str
    window: Window
    zone: str
    calendar: str | None
    span: Span


def read_header(document: Document, diagnostics: Diagnostics) -> Header | None:
    """The head of a document, or None after reporting what is missing."""
    from kaocheng.syntax import Mapping

    entries = tuple(e for e in document.root.entries if e.key.text in HEADER_KEYS)
    fields = read_record(
        HEADER, Mapping(entries, document.root.span), diagnostics, key="the ruleset"
    )
    if fields is None or any(
        k not in fields for k in ("kaocheng", "ruleset", "version", "effective")
    ):
        return None
    if fields.text("kaocheng") != "1":
        diagnostics.add(codes.LANGUAGE_VERSION, fields.at("kaocheng"), seen=fields.text("kaocheng"))
    title = fields.get("title")
    return Header(
        ruleset=fields.text("ruleset"),
        version=fields.text("version"),
        titles={k: str(v) for k, v in title.values.items()} if isinstance(title, Fields) else {},
        cite=fields.text("cite"),
        window=_window(fields, diagnostics),
        zone=fields.text("time_zone", "UTC"),
        calendar=fields.text("calendar") or None,
        span=fields.at("version"),
    )


def _window(fields: Fields, diagnostics: Diagnostics) -> Window:
    effective = fields.get("effective")
    if not isinstance(effective, Fields):
        return Window(first_day=None, last_day=None)
    last = effective.get("last_day")
    return Window(
        first_day=_first_day(effective, diagnostics),
        last_day=date_to_days(last) if isinstance(last, dt.date) else None,
    )


def _first_day(effective: Fields, diagnostics: Diagnostics) -> int | None:
    node = effective.nodes.get("from")
    if not isinstance(node, Scalar) or node.text == "open":
        return None
    day = read(Day(), node, diagnostics, key="from")
    return date_to_days(day) if isinstance(day, dt.date) else None


def check_windows(headers: SequenceABC[Header], diagnostics: Diagnostics) -> None:
    """Report versions that are in force together, and days on which none is."""
    ordered = sorted(
        headers, key=lambda h: (h.window.first_day is not None, h.window.first_day or 0)
    )
    for header in ordered[1:]:
        if header.ruleset != ordered[0].ruleset:
            diagnostics.add(
                codes.NAME_MISMATCH, header.span, seen=header.ruleset, expected=ordered[0].ruleset
            )
    for before, after in pairwise(ordered):
        first, last = after.window.first_day, before.window.last_day
        label = Label(before.span, f"version `{before.version}`", f"版本 `{before.version}`")
        if first is None or (last is not None and last >= first):
            day = "every day" if first is None else str(days_to_date(first))
            diagnostics.add(
                codes.VERSION_OVERLAP,
                after.span,
                labels=(label,),
                first=before.version,
                second=after.version,
                day=day,
            )
        elif last is not None and last + 1 < first:
            diagnostics.add(
                codes.VERSION_GAP,
                after.span,
                labels=(label,),
                version=after.version,
                first=str(days_to_date(last + 1)),
                last=str(days_to_date(first - 1)),
            )


def closed_windows(windows: SequenceABC[Window]) -> tuple[Window, ...]:
    """Windows in order, each ending the day before the next begins unless it says otherwise."""
    ends = [w.first_day - 1 for w in windows[1:] if w.first_day is not None]
    return tuple(
        Window(first_day=w.first_day, last_day=w.last_day if w.last_day is not None else end)
        for w, end in zip(windows, [*ends, None], strict=True)
    )
