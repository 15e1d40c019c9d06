"""Histories of the office that stores are tested with, drawn by Hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from kaocheng.calendars.numberline import DAY, MINUTE, format_date
from kaocheng.engine import Engine, Outcome
from kaocheng.model.events import Actor, Correction
from kaocheng.testing._store_test import MORNING

PEOPLE = tuple(Actor(id=name, roles=("informant", "verifier", "editor")) for name in ("li", "wang"))
INCIDENTS = ("incident/1", "incident/2")
REPORTS = ("report/1", "report/2", "report/3")


class Act(NamedTuple):
    """One call of `act`."""

    case: str
    event: str
    actor: Actor
    data: Mapping[str, object]
    corrects: Correction | None = None

    def by(self, engine: Engine, at: int | str, key: str | None = None) -> Outcome:
        """Do it."""
        return engine.act(
            self.case,
            self.event,
            at=at,
            actor=self.actor,
            data=self.data,
            corrects=self.corrects,
            idempotency_key=key,
        )


_FACTS = st.fixed_dictionaries(
    {"unit": st.sampled_from(["unit/a", "unit/b"])},
    optional={
        "incident": st.sampled_from(INCIDENTS),
        "answers": st.sampled_from(REPORTS),
        "length": st.sampled_from([10, 2000, 4000]),
    },
)
_AMENDED = st.fixed_dictionaries(
    {},
    optional={
        "incident": st.sampled_from([*INCIDENTS, None]),
        "answers": st.sampled_from([*REPORTS, None]),
        "length": st.sampled_from([10, 2000, 4000]),
    },
)
_DATA: Mapping[str, st.SearchStrategy[Mapping[str, object]]] = {
    "submit": _FACTS,
    "adopt": st.fixed_dictionaries(
        {"outlet": st.sampled_from(["daily_express", "special_report"])}
    ),
    "amend": _AMENDED,
}
_NUMBERS = st.integers(1, 4)
_HOURS = st.integers(0, 40).map(lambda hours: MORNING + hours * 60 * MINUTE)
CORRECTIONS = st.one_of(
    st.builds(Correction, sequence=_NUMBERS, reason=st.just("r"), void=st.just(value=True)),
    st.builds(Correction, sequence=_NUMBERS, reason=st.just("r"), at=_HOURS),
    st.builds(
        Correction,
        sequence=_NUMBERS,
        reason=st.just("r"),
        data=st.fixed_dictionaries({"incident": st.sampled_from(INCIDENTS)}),
    ),
)


@st.composite
def acts(draw: st.DrawFn, *, correcting: bool = False) -> Act:
    """Something that somebody does to a report, or the happening of an incident."""
    actor = draw(st.sampled_from(PEOPLE))
    if draw(st.integers(0, 4)) == 0:
        data = {"unit": "unit/a", "severity": draw(st.sampled_from(["minor", "major"]))}
        return Act(draw(st.sampled_from(INCIDENTS)), "happen", actor, data)
    case = draw(st.sampled_from(REPORTS))
    if correcting and draw(st.integers(0, 5)) == 0:
        return Act(case, "amend", actor, {}, draw(CORRECTIONS))
    event = draw(st.sampled_from(["submit", "submit", "verify", "adopt", "amend", "close"]))
    return Act(case, event, actor, draw(_DATA.get(event, st.just({}))))


# Multiples of half an hour, so that an act happens when no timer is due: those are due a
# microsecond after the deadline.
STEPS = st.integers(0, 16).map(lambda halves: halves * 30 * MINUTE)
DATES = st.integers(0, 3).map(lambda days: format_date(MORNING // DAY + days))
