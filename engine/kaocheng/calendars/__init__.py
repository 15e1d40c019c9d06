"""Clock arithmetic on one number line: dates, instants, limits, working days, pauses, periods."""

from __future__ import annotations

from kaocheng.calendars.advance import advance_date, advance_instant
from kaocheng.calendars.countries import build_edition
from kaocheng.calendars.editions import Edition, business_hours
from kaocheng.calendars.errors import ClockError, OutsideEdition, UnknownZoneError
from kaocheng.calendars.limits import Limit
from kaocheng.calendars.numberline import (
    BEGINNING,
    NEVER,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.pauses import Ledger, Spell, run, run_date, run_instant
from kaocheng.calendars.periods import Period, PeriodSpec, end_of, period_of, periods_between
from kaocheng.calendars.worktime import WorkingTime, working_time
from kaocheng.calendars.zones import Zone, Zones, build_zone, to_local, to_utc

__all__ = [
    "BEGINNING",
    "NEVER",
    "ClockError",
    "Edition",
    "Ledger",
    "Limit",
    "OutsideEdition",
    "Period",
    "PeriodSpec",
    "Spell",
    "UnknownZoneError",
    "WorkingTime",
    "Zone",
    "Zones",
    "advance_date",
    "advance_instant",
    "build_edition",
    "build_zone",
    "business_hours",
    "end_of",
    "format_date",
    "format_instant",
    "parse_date",
    "parse_instant",
    "period_of",
    "periods_between",
    "run",
    "run_date",
    "run_instant",
    "to_local",
    "to_utc",
    "working_time",
]
