"""One event spread out: its order in time, and its base and typed cells in one sequence."""

from __future__ import annotations

from collections.abc import Callable

from kaocheng.calendars.numberline import BEGINNING, DAY, NEVER
from kaocheng.calendars.zones import Zone, local_day, to_utc
from kaocheng.journal.known import place_of
from kaocheng.journal.program import EventPlan, KindProgram
from kaocheng.journal.texts import Message, Problem, Text, Unfit, did_you_mean, problem, shown
from kaocheng.model.events import Event

UNKNOWN_EVENT = Message(
    "unknown_event",
    "no part of the kind `{kind}` names the event `{event}`{hint}",
    "类别 `{kind}` 未声明事件 `{event}`{hint}",
)
OTHER_VERSION = Message(
    "other_version",
    "another version names the event `{event}` of `{kind}`, and not the one that governs it",
    "`{kind}` 的事件 `{event}` 由其他版本声明，而非此处适用的版本",
)
UNKNOWN_DATA = Message(
    "unknown_data",
    "the kind `{kind}` takes no `{key}` from the event `{event}`{hint}",
    "类别 `{kind}` 不从事件 `{event}` 读取 `{key}`{hint}",
)
WRONG_DATA = Message(
    "wrong_data",
    "`{key}` of the event `{event}`: {why}; it counts as unknown",
    "事件 `{event}` 的 `{key}`：{why}；按未知处理",
)
NO_TIME = Message(
    "no_time",
    "the event `{event}` has no known time, so the history of `{kind}` leaves it out",
    "事件 `{event}` 时间未知，无法归入 `{kind}` 的历史，不予计入",
)

Report = Callable[[Problem], None]
Span = tuple[int, int]


def time_span(event: Event, zone: Zone) -> Span:
    """The first and last instant at which the event may have happened.

    One that is known by its day alone takes effect with the beginning of the day.
    """
    if event.at is not None:
        return event.at, event.at
    if event.date is not None:
        day = event.date * DAY
        return to_utc(zone, day), to_utc(zone, day + DAY) - 1
    return BEGINNING, NEVER


def plan_of(program: KindProgram, event: Event, report: Report) -> EventPlan | None:
    """What the event does; None, after a report, when nothing names it."""
    if program.eras:
        program = program.in_era(event)
    if event.corrects is not None:
        return program.corrections.get(event.event)
    plan = program.events.get(event.event)
    if plan is None:
        anything = program.anything
        if anything is not None and not anything.known.isdisjoint(event.data):
            return anything
        report(_unknown(program, event))
        return None
    if program.dated and event.at is None and event.date is None:
        report(problem(NO_TIME, place_of(event), kind=program.kind, event=event.event))
        return None
    return plan


def _unknown(program: KindProgram, event: Event) -> Problem:
    """The problem of an event that nothing names, here or at all."""
    kind, name, place = program.kind, shown(event.event), place_of(event)
    if event.event in program.elsewhere:
        return problem(OTHER_VERSION, place, kind=kind, event=name)
    hint = did_you_mean(event.event, program.events)
    return problem(UNKNOWN_EVENT, place, kind=kind, event=name, hint=hint)


def spread(
    program: KindProgram, plan: EventPlan, event: Event, start: int, report: Report
) -> list[object]:
    """The base of the event, then its cells; `start` is the beginning of its time span."""
    at, actor, recorded_at = event.at, event.actor, event.recorded_at
    name = unit = None
    if actor is not None:
        name, unit = actor.id, actor.unit
        if not name.startswith(program.actor_prefix):
            name = program.actor_prefix + name
        if unit is not None and not unit.startswith(program.unit_prefix):
            unit = program.unit_prefix + unit
    vector: list[object] = [
        event.case,
        event.sequence,
        event.event,
        at,
        at if recorded_at is None else recorded_at,
        name,
        unit,
        _date(program, event) if plan.needs_date else None,
        None if start == BEGINNING else start,
        NEVER,
        1,
        True,
        None,
    ]
    data = event.data
    for key, read in plan.cells:
        raw = data.get(key)
        try:
            vector.append(None if raw is None else read(raw))
        except Unfit as error:
            report(_wrong(event, key, error.text))
            vector.append(None)
    if not plan.known.issuperset(data):
        _report_unknown(program, plan, event, report)
    return vector


def _date(program: KindProgram, event: Event) -> int | None:
    return event.date if event.at is None else local_day(program.zone, event.at)


def _wrong(event: Event, key: str, why: Text) -> Problem:
    return problem(WRONG_DATA, place_of(event), event=event.event, key=key, why=why)


def _report_unknown(program: KindProgram, plan: EventPlan, event: Event, report: Report) -> None:
    for key in sorted(event.data.keys() - plan.known):
        hint = did_you_mean(key, plan.known)
        report(
            problem(
                UNKNOWN_DATA,
                place_of(event),
                event=event.event,
                key=shown(key),
                kind=program.kind,
                hint=hint,
            )
        )
