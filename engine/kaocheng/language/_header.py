"""The head of a version document: names, dates, zone; and versions against each other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from itertools import pairwise

from attrs import frozen

from kaocheng.calendars.editions import Interval
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import date_to_days, days_to_date, parse_time_of_day
from kaocheng.calendars.zones import Zones
from kaocheng.diagnostics import Diagnostics, Label, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language.documents import Document, declared_first
from kaocheng.language.shapes import (
    TITLES,
    Day,
    Fields,
    Identifier,
    Key,
    Many,
    Record,
    Text,
    read,
    read_record,
)
from kaocheng.plan.algebra import Window
from kaocheng.syntax import Mapping, Scalar
from kaocheng.syntax.quoting import shown

EFFECTIVE = Record(
    "the time in force",
    "施行时间",
    (
        Key(
            "from",
            Text(),
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
        Key(
            "business_hours",
            Many(Text(), or_one=True),
            "the hours of business on a working day, `08:30-12:00`",
            "工作日的办公时间，如 `08:30-12:00`",
        ),
    ),
)
HEADER_KEYS = tuple(key.name for key in HEADER.keys)


_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
LANGUAGE = "1"


@frozen(kw_only=True)
class Header:
    """The head of one version; one that is not complete has been reported."""

    ruleset: str
    version: str
    titles: MappingABC[str, str]
    cite: str
    window: Window
    zone: str
    calendar: str | None
    hours: tuple[Interval, ...]
    span: Span
    name_span: Span
    is_complete: bool

    @property
    def edition(self) -> str | None:
        """What the edition of working days and hours of this version is kept under."""
        if self.calendar is None or not self.hours:
            return self.calendar
        return f"{self.calendar} {self.hours}"


def read_header(document: Document, diagnostics: Diagnostics) -> Header | None:
    """The head of a document; None for another version of the language, which says nothing here."""
    language = document.node("kaocheng")
    if isinstance(language, Scalar) and language.text not in ("", LANGUAGE):
        seen = shown(language.text)
        diagnostics.add(declaration_codes.LANGUAGE_VERSION, language.span, seen=seen)
        return None
    entries = tuple(e for e in document.root.entries if e.key.text in HEADER_KEYS)
    head = Mapping(entries, document.root.span)
    fields = read_record(HEADER, head, diagnostics, key="the ruleset")
    if fields is None:
        return None
    window = _window(fields, diagnostics)
    title = fields.get("title")
    return Header(
        ruleset=_ruleset_name(fields, diagnostics),
        version=fields.text("version"),
        titles={k: str(v) for k, v in title.values.items()} if isinstance(title, Fields) else {},
        cite=fields.text("cite"),
        window=window or Window(first_day=None, last_day=None),
        zone=fields.text("time_zone", "UTC"),
        calendar=fields.text("calendar") or None,
        hours=_hours(fields, diagnostics),
        span=fields.at("version"),
        name_span=fields.at("ruleset"),
        is_complete=window is not None and all(k in fields for k in ("ruleset", "version")),
    )


def _hours(fields: Fields, diagnostics: Diagnostics) -> tuple[Interval, ...]:
    """The intervals of business, in microseconds from local midnight."""
    texts = fields.get("business_hours")
    found: list[Interval] = []
    for text in texts if isinstance(texts, tuple) else ():
        match = _HOURS.fullmatch(str(text))
        try:
            ends = [parse_time_of_day(match[i]) for i in (1, 2)] if match else []
        except ClockError:
            ends = []
        if len(ends) != 2 or ends[0] >= ends[1] or (found and ends[0] < found[-1][1]):  # noqa: PLR2004
            seen = shown(str(text))
            diagnostics.add(declaration_codes.BAD_HOURS, fields.at("business_hours"), seen=seen)
            return ()
        found.append((ends[0], ends[1]))
    return tuple(found)


def _ruleset_name(fields: Fields, diagnostics: Diagnostics) -> str:
    name = fields.text("ruleset")
    if name and not _NAME.fullmatch(name):
        seen = shown(name)
        meant = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        hint = meant if _NAME.fullmatch(meant) else None
        diagnostics.add(
            declaration_codes.RULESET_NAME, fields.at("ruleset"), seen=seen, suggestion=hint
        )
    return name


def _window(fields: Fields, diagnostics: Diagnostics) -> Window | None:
    """The days in force, or None if they cannot be told."""
    effective = fields.get("effective")
    if not isinstance(effective, Fields) or "from" not in effective:
        return None
    is_open = effective.text("from") == "open"
    first = None if is_open else _first_day(effective, diagnostics)
    last = effective.get("last_day")
    last_day = date_to_days(last) if isinstance(last, dt.date) else None
    if (first is None and not is_open) or (last_day is None and "last_day" in effective.nodes):
        return None
    if first is not None and last_day is not None and last_day < first:
        days = {"first": str(days_to_date(first)), "last": str(days_to_date(last_day))}
        diagnostics.add(declaration_codes.BAD_WINDOW, effective.at("last_day"), words=days)
        return None
    return Window(first_day=first, last_day=last_day)


def _first_day(effective: Fields, diagnostics: Diagnostics) -> int | None:
    text, node = effective.text("from"), effective.nodes["from"]
    if not any(map(str.isdigit, text)):
        wanted = ("a first day: `open`, or a date such as `2009-03-01`",
                  "施行首日（`open`，或 `2009-03-01` 之类的日期）")  # fmt: skip
        values = {"seen": shown(text), "wanted": wanted[0], "wanted_zh": wanted[1]}
        hint = nearest(text, ["open"])
        diagnostics.add(declaration_codes.NOT_OF_TYPE, node.span, suggestion=hint, words=values)
        return None
    day = read(Day(), node, diagnostics, key="from")
    return date_to_days(day) if isinstance(day, dt.date) else None


def check_zone(name: str, span: Span, zones: Zones, diagnostics: Diagnostics) -> None:
    """Report a time zone that there is not."""
    try:
        zones.get(name)
    except ClockError:
        from zoneinfo import available_timezones

        hint = nearest(name, available_timezones())
        diagnostics.add(declaration_codes.UNKNOWN_ZONE, span, seen=shown(name), suggestion=hint)


def check_windows(headers: SequenceABC[Header], diagnostics: Diagnostics) -> None:
    """Report versions that are in force together, and days on which none is."""
    ordered = sorted(headers, key=in_order)
    named: dict[str, Header] = {}
    for header in ordered:
        if header.ruleset != ordered[0].ruleset:
            names = {"seen": shown(header.ruleset), "expected": ordered[0].ruleset}
            diagnostics.add(declaration_codes.NAME_MISMATCH, header.name_span, words=names)
        first = named.setdefault(header.version, header)
        if first is not header:
            _same_name(first, header, diagnostics)
    for before, after in pairwise(ordered):
        _check_pair(before, after, diagnostics)


def in_order(header: Header) -> tuple[bool, int]:
    """What versions are sorted by: open ones first, then by their first day."""
    first = header.window.first_day
    return first is not None, first or 0


def _same_name(first: Header, second: Header, diagnostics: Diagnostics) -> None:
    what = {"what": "another version", "what_zh": "另一版本"}
    name = shown(second.version)
    label = declared_first(second.version, first.span)
    diagnostics.add(codes.NAME_TAKEN, second.span, labels=(label,), name=name, words=what)


def _check_pair(before: Header, after: Header, diagnostics: Diagnostics) -> None:
    first, last = after.window.first_day, before.window.last_day
    label = Label(before.span, f"version `{before.version}`", f"版本 `{before.version}`")
    if first is None or before.window.first_day == first or (last is not None and last >= first):
        day = None if first is None else str(days_to_date(first))
        diagnostics.add(
            declaration_codes.VERSION_OVERLAP,
            after.span,
            labels=(label,),
            first=before.version,
            second=after.version,
            when="from the beginning" if day is None else f"on {day}",
            when_zh="自始" if day is None else f"于 {day} ",
        )
    elif last is not None and last + 1 < first:
        diagnostics.add(
            declaration_codes.VERSION_GAP,
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
