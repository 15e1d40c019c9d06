"""A synthetic year of a city's information network, for `wuhu-information`.

Everything in it is invented and says so: unit names end in `（合成）`, case ids begin
with `synthetic`. The same seed gives the same events, byte for byte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from random import Random

from attrs import field, frozen

from kaocheng.calendars.numberline import date_to_days
from kaocheng.model.events import Actor, Event, Journal

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_SHANGHAI = 8 * _HOUR
_WEEK = 7

OUTLETS = (
    ("daily_express", "city"),
    ("special_report", "city"),
    ("daily_submission", "province"),
    ("work_exchange", "city"),
    ("leaders_instructions", "city"),
)
GENRES = ("dynamic", "problem", "composite")
GENRE_WEIGHTS = (70, 24, 6)
BEST = 10


@frozen(kw_only=True)
class Office:
    """How large the invented network is, and how busy."""

    year: int = 2009
    counties: int = 8
    others: int = 102
    daily_reports: float = 2.4
    weekly_reports: float = 6.0
    diligence: float = 0.985
    adoption: float = 0.12
    research: float = 0.01
    joint: float = 0.2
    returned: float = 0.03
    twice_adopted: float = 0.15


@frozen(kw_only=True)
class Member:
    """One invented unit: its case id, class, how diligent and how good it is."""

    case: str
    cls: str
    diligence: float
    quality: float


def synthetic_year(seed: int = 2009, office: Office | None = None) -> Journal:
    """The journal of a year: membership, reports with their lifecycle, monthly choices."""
    random = Random(seed)  # noqa: S311 - repeatable, which is the point
    return Journal(events=tuple(_Year(random, office or Office()).events()))


@frozen
class _Year:
    """Writes one year."""

    random: Random
    office: Office
    adopted: dict[dt.date, list[tuple[str, int, int]]] = field(factory=dict)

    def events(self) -> Iterator[Event]:
        """All events, units first."""
        members = self._members()
        for member in members:
            yield from self._admission(member)
        number = 0
        for member in members:
            for at in self._submissions(member):
                number += 1
                yield from self._report(f"report/synthetic-{number:05d}", member, at)
            yield from self._nil_reports(member)
        yield from self._choices()

    def _first(self) -> int:
        return date_to_days(dt.date(self.office.year, 1, 1)) * _DAY - _SHANGHAI

    def _days(self) -> int:
        return date_to_days(dt.date(self.office.year + 1, 1, 1)) - date_to_days(
            dt.date(self.office.year, 1, 1)
        )

    def _members(self) -> list[Member]:
        classes = (
            ["city_office", "city_police"]
            + ["county"] * self.office.counties
            + ["other"] * self.office.others
        )
        return [
            Member(
                case=f"unit/synthetic-{index:03d}",
                cls=cls,
                diligence=min(1.0, self.office.diligence + self.random.uniform(-0.02, 0.015)),
                quality=self.random.uniform(0.4, 1.6),
            )
            for index, cls in enumerate(classes, start=1)
        ]

    def _admission(self, member: Member) -> Iterator[Event]:
        name = f"{member.case[-3:]}号单位（合成）"
        at = self._first()
        data = {"name": name, "class": member.cls}
        yield Event(case=member.case, sequence=1, event="admit", at=at, recorded_at=at, data=data)

    def _submissions(self, member: Member) -> list[int]:
        if member.cls in ("county", "city_police"):
            return [at for day in range(self._days()) for at in self._on_day(member, day)]
        weeks = range(0, self._days(), _WEEK)
        return [at for first in weeks for at in self._in_week(member, first)]

    def _on_day(self, member: Member, day: int) -> list[int]:
        if self.random.random() > member.diligence:
            return []
        count = 1 + int(self.random.random() * 2 * (self.office.daily_reports - 1))
        return sorted(self._moment(day) for _ in range(count))

    def _in_week(self, member: Member, first: int) -> list[int]:
        if self.random.random() > member.diligence:
            return []
        count = 1 + int(self.random.random() * 2 * (self.office.weekly_reports - 1))
        days = [min(first + self.random.randrange(5), self._days() - 1) for _ in range(count)]
        return sorted(self._moment(day) for day in days)

    def _moment(self, day: int) -> int:
        return self._first() + day * _DAY + self.random.randrange(8 * 60, 18 * 60) * _MINUTE

    def _report(self, case: str, member: Member, at: int) -> Iterator[Event]:
        officer = Actor(id=f"person/{member.case[5:]}-a", unit=member.case, roles=("informant",))
        deputy = f"person/{member.case[5:]}-b"
        authors = [officer.id, deputy] if self.random.random() < self.office.joint else [officer.id]
        data = {
            "headline": f"信息{case[-5:]}（合成）",
            "genre": self._genre(),
            "unit": member.case,
            "authors": authors,
        }
        yield self._event((case, 1), "submit", at, officer, data)
        verified = at + self.random.randrange(10, 240) * _MINUTE
        verifier = Actor(
            id="person/synthetic-verifier", unit="unit/synthetic-001", roles=("verifier",)
        )
        if self.random.random() < self.office.returned:
            yield self._event((case, 2), "send_back", verified, verifier, {})
            return
        yield self._event((case, 2), "verify", verified, verifier, {})
        if self.random.random() < self.office.adoption * member.quality:
            yield from self._adoptions(case, verified)

    def _genre(self) -> str:
        if self.random.random() < self.office.research:
            return "research"
        return self.random.choices(GENRES, GENRE_WEIGHTS)[0]

    def _adoptions(self, case: str, verified: int) -> Iterator[Event]:
        editor = Actor(id="person/synthetic-editor", unit="unit/synthetic-001", roles=("editor",))
        at = verified
        outlets = self.random.sample(
            OUTLETS, 1 + (self.random.random() < self.office.twice_adopted)
        )
        for sequence, (outlet, level) in enumerate(outlets, start=3):
            at += self.random.randrange(30, 2_000) * _MINUTE
            yield self._event(
                (case, sequence), "adopt", at, editor, {"outlet": outlet, "level": level}
            )
        self.adopted.setdefault(self._month(at), []).append((case, 3 + len(outlets), at))

    def _month(self, at: int) -> dt.date:
        day = dt.date(1970, 1, 1) + dt.timedelta(days=(at + _SHANGHAI) // _DAY)
        return day.replace(day=1)

    def _nil_reports(self, member: Member) -> Iterator[Event]:
        days = sorted(self.random.sample(range(self._days()), 3))
        for sequence, day in enumerate(days, start=2):
            at = self._first() + day * _DAY + 17 * _HOUR
            yield Event(
                case=member.case,
                sequence=sequence,
                event="nothing_to_report",
                at=at,
                recorded_at=at,
            )

    def _choices(self) -> Iterator[Event]:
        chief = Actor(
            id="person/synthetic-chief", unit="unit/synthetic-001", roles=("chief_editor",)
        )
        for month, candidates in sorted(self.adopted.items()):
            if month.year != self.office.year:
                continue
            chosen = self.random.sample(candidates, min(BEST, len(candidates)))
            for case, sequence, at in sorted(chosen):
                data = {"month": f"{month:%Y-%m}"}
                yield self._event((case, sequence), "choose_best", at, chief, data)

    def _event(
        self, place: tuple[str, int], event: str, at: int, actor: Actor, data: Mapping[str, object]
    ) -> Event:
        case, sequence = place
        return Event(
            case=case,
            sequence=sequence,
            event=event,
            at=at,
            recorded_at=at,
            actor=actor,
            data=dict(data),
        )
