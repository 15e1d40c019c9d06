"""Hypothesis strategies made from a ruleset: cases, journals, and times at which to assess.

    @given(journals(ruleset))
    def test_nothing_is_late_by_less_than_a_day(journal: Journal) -> None: ...

What they give is valid for the ruleset's kinds: typed data with some of it missing, references
to cases of the same journal, lifecycles walked mostly legally. Among it are the boundaries of
the ruleset's deadlines: done exactly when due and one unit to either side, starts from which a
limit ends in a clock change, the days around a change of version or of period.

Needs the extra `testing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, EVENT_INSTANTS
from kaocheng.calendars.zones import Zone, to_utc
from kaocheng.diagnostics import nearest
from kaocheng.language.merged import merged_kinds
from kaocheng.language.ruleset import Kind, Ruleset
from kaocheng.language.types import DATE
from kaocheng.model.events import Event, Journal
from kaocheng.testing._aiming import Aim
from kaocheng.testing._eras import Era, eras
from kaocheng.testing._values import instants
from kaocheng.testing._walks import Draw, World, draw_history

MOST_CASES = 4
_AFTER = 7 * DAY


@frozen(kw_only=True)
class Timeline:
    """A journal, and the time at which to assess it."""

    journal: Journal
    as_of: int


def cases(ruleset: Ruleset, kind: str | None = None) -> st.SearchStrategy[tuple[Event, ...]]:
    """The events of one case, of that kind or of any."""
    kinds = merged_kinds(ruleset)
    if kind is not None and kind not in kinds:
        hint = nearest(kind, kinds)
        more = f"; did you mean `{hint}`" if hint else ""
        raise ValueError(f"the ruleset has no kind `{kind}`{more}")
    aim, times = Aim(ruleset), eras(ruleset)

    @st.composite
    def histories(draw: Draw) -> tuple[Event, ...]:
        name = draw(st.sampled_from(sorted(kinds))) if kind is None else kind
        world = World(era=draw(st.sampled_from(times)), kinds=kinds, cases={name: (f"{name}/1",)})
        return tuple(aim.draw(draw, world, draw_history(draw, world, f"{name}/1")))

    return histories()


def journals(ruleset: Ruleset, *, max_cases: int = MOST_CASES) -> st.SearchStrategy[Journal]:
    """Journals of up to `max_cases` cases that refer to each other."""
    kinds = merged_kinds(ruleset)
    aim, times = Aim(ruleset), eras(ruleset)

    @st.composite
    def found(draw: Draw) -> Journal:
        world = _draw_world(draw, kinds, draw(st.sampled_from(times)), max_cases)
        events = [
            event
            for ids in world.cases.values()
            for case in ids
            for event in draw_history(draw, world, case)
        ]
        return Journal(events=tuple(aim.draw(draw, world, events)))

    return found()


def timelines(ruleset: Ruleset, *, max_cases: int = MOST_CASES) -> st.SearchStrategy[Timeline]:
    """Journals, each with a time to assess it at: around what is due, what happens, or between."""
    found = journals(ruleset, max_cases=max_cases)
    aim, times = Aim(ruleset), eras(ruleset)

    @st.composite
    def assessed(draw: Draw) -> Timeline:
        journal = draw(found)
        return Timeline(journal=journal, as_of=draw(_moments(aim, times, journal.events)))

    return assessed()


def _moments(aim: Aim, times: Sequence[Era], events: Sequence[Event]) -> st.SearchStrategy[int]:
    zone = times[0].zone
    spoken = sorted(us for event in events for us in _times(event, zone))
    if not spoken:
        return st.sampled_from(times).flatmap(instants)
    last = spoken[-1] + _AFTER
    dues = aim.dues(events, last, zone)
    ends = [to_utc(zone, (d.value + 1) * DAY) if d.type == DATE else d.value for d in dues]
    near = st.builds(
        int.__add__, st.sampled_from(sorted({*spoken, *ends})), st.sampled_from((0, -1, 1))
    )
    end = max((last, *ends))
    return (st.just(end) | near | st.integers(spoken[0] - 1, end)).map(_existing)


def _times(event: Event, zone: Zone) -> Iterator[int]:
    if event.at is not None:
        yield event.at
    if event.date is not None:
        yield to_utc(zone, event.date * DAY)
    if event.recorded_at is not None:
        yield event.recorded_at


def _draw_world(draw: Draw, kinds: Mapping[str, Kind], era: Era, max_cases: int) -> World:
    """Which cases there are; kinds with a roll come first, because much rests on them."""
    names = sorted(kinds, key=lambda name: (kinds[name].member is None, name))
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=max_cases))
    ids = {name: tuple(f"{name}/{n + 1}" for n in range(chosen.count(name))) for name in names}
    return World(era=era, kinds=kinds, cases={name: found for name, found in ids.items() if found})


def _existing(us: int) -> int:
    return min(max(us, EVENT_INSTANTS[0]), EVENT_INSTANTS[-1])
