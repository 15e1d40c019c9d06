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


def office_actor(role: str, name: str) -> Actor:
    """Somebody of the office."""
    return Actor(id=f"person/synthetic-{name}", unit="unit/synthetic-001", roles=(role,))


VERIFIER = office_actor("verifier", "verifier")
EDITOR = office_actor("editor", "editor")
CHIEF = office_actor("chief_editor", "chief")


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
    leaving: float = 0.08
    invited: int = 6
    instructions: int = 120
    overdue: float = 0.15
    topics: int = 5
    asked: int = 10
    violations: int = 24
    upheld: float = 0.7


@frozen(kw_only=True)
class Member:
    """One invented unit: its case id, class, how diligent and how good it is."""

    case: str
    cls: str
    diligence: float
    quality: float


def synthetic_year(seed: int = 2009, office: Office | None = None) -> Journal:
    """The journal of a year: units, officers, reports, choices, and what goes on around them."""
    random, aside = Random(seed), Random(seed + 1)  # noqa: S311 - repeatable, which is the point
    year = _Year(random, aside, office or Office())
    return Journal(events=(*year.events(), *_Rest(aside, year).events()))


@frozen
class _Year:
    """Writes the reports of one year."""

    random: Random
    aside: Random
    office: Office
    members: list[Member] = field(factory=list)
    departures: dict[str, int] = field(factory=dict)
    adopted: dict[dt.date, list[tuple[str, int, int]]] = field(factory=dict)
    missed: list[tuple[Member, int]] = field(factory=list)
    nil_days: set[tuple[str, int]] = field(factory=set)

    def events(self) -> Iterator[Event]:
        """All events, units first."""
        self.members.extend(self._members())
        self.departures.update(self._departures())
        for member in self.members:
            yield from self._admission(member)
        number = 0
        for member in self.members:
            for at in self._submissions(member):
                number += 1
                yield from self._report(f"report/synthetic-{number:05d}", member, at)
            yield from self._nil_reports(member)
        yield from self._choices()

    def first(self) -> int:
        return date_to_days(dt.date(self.office.year, 1, 1)) * _DAY - _SHANGHAI

    def days(self) -> int:
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

    def _departures(self) -> Iterator[tuple[str, int]]:
        """When both officers of a unit left, for a few units."""
        for member in self.members:
            if self.aside.random() < self.office.leaving:
                yield member.case, self.first() + self.aside.randrange(30, 200) * _DAY + 9 * _HOUR

    def officers(self, member: Member, at: int) -> list[Actor]:
        """The officers of a unit: two, or the one who came when they had left."""
        letters = "ab" if at < self.departures.get(member.case, at + 1) else "c"
        return [
            Actor(id=f"person/{member.case[5:]}-{x}", unit=member.case, roles=("informant",))
            for x in letters
        ]

    def _admission(self, member: Member) -> Iterator[Event]:
        name = f"{member.case[-3:]}号单位（合成）"
        at = self.first()
        data = {"name": name, "class": member.cls}
        yield event((member.case, 1), "admit", at, None, data)

    def _submissions(self, member: Member) -> list[int]:
        if member.cls in ("county", "city_police"):
            return [at for day in range(self.days()) for at in self._on_day(member, day)]
        weeks = range(0, self.days(), _WEEK)
        return [at for first in weeks for at in self._in_week(member, first)]

    def _on_day(self, member: Member, day: int) -> list[int]:
        if self.random.random() > member.diligence:
            self.missed.append((member, day))
            return []
        count = 1 + int(self.random.random() * 2 * (self.office.daily_reports - 1))
        return sorted(self._moment(day) for _ in range(count))

    def _in_week(self, member: Member, first: int) -> list[int]:
        if self.random.random() > member.diligence:
            return []
        count = 1 + int(self.random.random() * 2 * (self.office.weekly_reports - 1))
        days = [min(first + self.random.randrange(5), self.days() - 1) for _ in range(count)]
        return sorted(self._moment(day) for day in days)

    def _moment(self, day: int) -> int:
        return self.first() + day * _DAY + self.random.randrange(8 * 60, 18 * 60) * _MINUTE

    def _report(self, case: str, member: Member, at: int) -> Iterator[Event]:
        officers = self.officers(member, at)
        joint = self.random.random() < self.office.joint
        authors = [officer.id for officer in officers[: 2 if joint else 1]]
        data = {
            "headline": f"信息{case[-5:]}（合成）",
            "genre": self._genre(),
            "unit": member.case,
            "authors": authors,
        }
        yield event((case, 1), "submit", at, officers[0], data)
        verified = at + self.random.randrange(10, 240) * _MINUTE
        if self.random.random() < self.office.returned:
            yield event((case, 2), "send_back", verified, VERIFIER, {})
            return
        yield event((case, 2), "verify", verified, VERIFIER, {})
        if self.random.random() < self.office.adoption * member.quality:
            yield from self._adoptions(case, verified)

    def _genre(self) -> str:
        if self.random.random() < self.office.research:
            return "research"
        return self.random.choices(GENRES, GENRE_WEIGHTS)[0]

    def _adoptions(self, case: str, verified: int) -> Iterator[Event]:
        at = verified
        outlets = self.random.sample(
            OUTLETS, 1 + (self.random.random() < self.office.twice_adopted)
        )
        for sequence, (outlet, level) in enumerate(outlets, start=3):
            at += self.random.randrange(30, 2_000) * _MINUTE
            yield event((case, sequence), "adopt", at, EDITOR, {"outlet": outlet, "level": level})
        self.adopted.setdefault(self._month(at), []).append((case, 3 + len(outlets), at))

    def _month(self, at: int) -> dt.date:
        day = dt.date(1970, 1, 1) + dt.timedelta(days=(at + _SHANGHAI) // _DAY)
        return day.replace(day=1)

    def _nil_reports(self, member: Member) -> Iterator[Event]:
        days = sorted(self.random.sample(range(self.days()), 3))
        self.nil_days.update((member.case, day) for day in days)
        for sequence, day in enumerate(days, start=2):
            at = self.first() + day * _DAY + 17 * _HOUR
            yield event((member.case, sequence), "nothing_to_report", at, None, {})

    def _choices(self) -> Iterator[Event]:
        for month, candidates in sorted(self.adopted.items()):
            if month.year != self.office.year:
                continue
            chosen = self.random.sample(candidates, min(BEST, len(candidates)))
            for case, sequence, at in sorted(chosen):
                data = {"month": f"{month:%Y-%m}"}
                yield event((case, sequence), "choose_best", at, CHIEF, data)


@frozen
class _Rest:
    """Writes what goes on around the reports: officers, instructions, commissions, violations."""

    random: Random
    year: _Year

    def events(self) -> Iterator[Event]:
        """All events, officers first."""
        yield from self._officers()
        yield from self._instructions()
        yield from self._topics()
        yield from self._commissions()
        yield from self._violations()

    def _officers(self) -> Iterator[Event]:
        """Two officers in every unit; where they leave, another comes sooner or later."""
        for member in self.year.members:
            officers = self.year.officers(member, self.year.first())
            left = self.year.departures.get(member.case)
            for officer in officers:
                yield self._appointment(officer.id, self.year.first(), {"unit": member.case})
                if left is not None:
                    yield event((officer.id, 2), "relieve", left, None, {})
            if left is not None:
                (successor,) = self.year.officers(member, left)
                filled = left + self.random.randrange(5, 60) * _DAY
                yield self._appointment(successor.id, filled, {"unit": member.case})
        for number in range(1, self.year.office.invited + 1):
            person = f"person/synthetic-invited-{number}"
            yield self._appointment(person, self.year.first(), {"role": "invited"})
            yield from self._invited_reports(person)

    def _invited_reports(self, person: str) -> Iterator[Event]:
        """An invited officer reports for no unit; some of it is adopted."""
        officer = Actor(id=person, roles=("informant",))
        for number in range(1, self.random.randrange(2, 7)):
            case = f"report/{person[7:]}-{number}"
            at = self._moment(self.random.randrange(self.year.days()))
            headline = f"社情民意{number}（合成）"
            data = {"headline": headline, "genre": "problem", "authors": [person]}
            yield event((case, 1), "submit", at, officer, data)
            yield event((case, 2), "verify", at + 2 * _HOUR, VERIFIER, {})
            if self.random.random() < self.year.office.adoption * 4:
                outlet = {"outlet": "special_report", "level": "city"}
                yield event((case, 3), "adopt", at + _DAY, EDITOR, outlet)

    def _appointment(self, person: str, at: int, data: Mapping[str, object]) -> Event:
        name = f"{person[17:]}号信息员（合成）"
        return event((person, 1), "appoint", at, None, {"name": name, "role": "informant", **data})

    def _instructions(self) -> Iterator[Event]:
        """Leaders give instructions on some of the adopted reports."""
        adopted = sorted(found for month in self.year.adopted.values() for found in month)
        chosen = self.random.sample(adopted, min(self.year.office.instructions, len(adopted)))
        for number, (report, _, adopted_at) in enumerate(sorted(chosen), start=1):
            case = f"instruction/synthetic-{number:03d}"
            given = adopted_at + self.random.randrange(60, 3_000) * _MINUTE
            data = {"report": report, "leader": "市领导（合成）"}
            yield event((case, 1), "give", given, None, data)
            yield from self._handling(case, given + self.random.randrange(60, 900) * _MINUTE)

    def _handling(self, case: str, sent: int) -> Iterator[Event]:
        """An instruction is sent to a unit, which feeds back; some only when reminded."""
        member = self.random.choice(self.year.members)
        yield event((case, 2), "send", sent, EDITOR, {"unit": member.case})
        if self.random.random() < self.year.office.overdue:
            yield event((case, 3), "remind", sent + 17 * _DAY, EDITOR, {})
            if self.random.random() < self.year.office.overdue:
                return
            at, sequence = sent + 20 * _DAY, 4
        else:
            at, sequence = sent + self.random.randrange(2, 14) * _DAY, 3
        yield event((case, sequence), "feed_back", at, self.year.officers(member, at)[0], {})

    def _topics(self) -> Iterator[Event]:
        """Every month some topics are listed."""
        for month in range(1, 13):
            for number in range(1, self.year.office.topics + 1):
                data = {"text": f"{month}月要点{number}（合成）"}
                yield event((_topic(month, number), 1), "list_topic", self._on(month), None, data)

    def _commissions(self) -> Iterator[Event]:
        """Every month some units are asked for a report; most deliver in time."""
        for month in range(1, 13):
            case, at = f"commission/synthetic-{month:02d}", self._on(month)
            yield event((case, 1), "issue", at, EDITOR, {"subject": f"{month}月约稿（合成）"})
            due = dt.date(self.year.office.year, month, 20)
            asked = self.random.sample(self.year.members, self.year.office.asked)
            for number, member in enumerate(asked, start=1):
                data = {"by": member.case, "due_on": due.isoformat()}
                yield event((case, 1 + number), "assign", at, EDITOR, data)
                if self.random.random() > self.year.office.overdue / 2:
                    yield self._delivery((month, number), member, at)

    def _delivery(self, place: tuple[int, int], member: Member, asked: int) -> Event:
        month, number = place
        at = asked + self.random.randrange(3, 21) * _DAY + self.random.randrange(8 * 60) * _MINUTE
        officer = self.year.officers(member, at)[0]
        data = {
            "headline": f"{month}月约稿{number}（合成）",
            "genre": "dynamic",
            "unit": member.case,
            "authors": [officer.id],
            "commission": f"commission/synthetic-{month:02d}",
            "topic": _topic(month, 1 + number % self.year.office.topics),
        }
        return event((f"report/synthetic-{month:02d}-{number:02d}", 1), "submit", at, officer, data)

    def _violations(self) -> Iterator[Event]:
        """Some of the days without a report are looked into."""
        silent = [
            (member, day)
            for member, day in self.year.missed
            if (member.case, day) not in self.year.nil_days
        ]
        chosen = self.random.sample(silent, min(self.year.office.violations, len(silent)))
        for number, (member, day) in enumerate(chosen, start=1):
            case = f"violation/synthetic-{number:02d}"
            date = dt.date(self.year.office.year, 1, 1) + dt.timedelta(days=day)
            data = {
                "rule": "daily_report",
                "finding": "missed",
                "about": member.case,
                "period": date.isoformat(),
                "unit": member.case,
            }
            at = self._moment(day + 1)
            yield event((case, 1), "open", at, VERIFIER, data)
            outcome = "verify" if self.random.random() < self.year.office.upheld else "dismiss"
            yield event((case, 2), outcome, at + 2 * _DAY, VERIFIER, {})

    def _on(self, month: int) -> int:
        """Nine in the morning of the second day of a month."""
        day = date_to_days(dt.date(self.year.office.year, month, 2))
        return day * _DAY - _SHANGHAI + 9 * _HOUR

    def _moment(self, day: int) -> int:
        return self.year.first() + day * _DAY + self.random.randrange(8 * 60, 18 * 60) * _MINUTE


def _topic(month: int, number: int) -> str:
    return f"topic/synthetic-{month:02d}-{number}"


def event(
    place: tuple[str, int], name: str, at: int, actor: Actor | None, data: Mapping[str, object]
) -> Event:
    """One event, known as soon as it happened."""
    case, sequence = place
    return Event(
        case=case,
        sequence=sequence,
        event=name,
        at=at,
        recorded_at=at,
        actor=actor,
        data=dict(data),
    )
