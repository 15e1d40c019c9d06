"""Findings that are made, verified or withdrawn after their circular stand in the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Host
from kaocheng.calendars.numberline import DAY, format_instant, parse_date, parse_instant
from kaocheng.calendars.zones import Zones
from kaocheng.engine import Engine
from kaocheng.model.events import Correction
from kaocheng.stores import SqlStore

DUTIES = Path(__file__).parent / "duties"
START = parse_instant("2024-03-01T09:00:00+08:00")
MONTHS = (
    ("2024-03", "2024-03-31", parse_instant("2024-04-02T18:00:00+08:00")),
    ("2024-04", "2024-04-30", parse_instant("2024-05-02T18:00:00+08:00")),
    ("2024-05", "2024-05-31", parse_instant("2024-06-02T18:00:00+08:00")),
    ("2024-06", "2024-06-30", parse_instant("2024-07-02T18:00:00+08:00")),
)
END = MONTHS[-1][2]
SHANGHAI = Zones().get("Asia/Shanghai")
TITLES = {"late": "迟报", "missing": "未报", "undrilled": "未演练"}
CLAUSES = {"notice": "第一条", "drill": "第三条"}
STAGES = {"found": "已认定", "alleged": "疑似", "verified": "经核实属实"}

Told = Counter[tuple[str, ...]]
Doing = tuple[int, int, Callable[["Office"], object]]
"""When something is recorded, a number for the order of what is recorded then, and what."""


@cache
def duties() -> Engine:
    """An engine whose ruleset and program others share."""
    return Engine(Host.discover().load(str(DUTIES)))


class Office:
    """An engine of which the clock stands where somebody puts it."""

    def __init__(self) -> None:
        self.now = START
        self.engine = Engine(
            duties().ruleset,
            store=SqlStore.open(),
            program=duties().program,
            clock=lambda: self.now,
        )
        for unit in "ab":
            self.act(f"unit/{unit}", "admit", START, name=unit.upper())

    def act(self, case: str, event: str, at: int, **data: object) -> int:
        """Something happens; gives the number of its event."""
        outcome = self.engine.act(case, event, data, at=at)
        assert outcome.accepted, outcome.decision.message()
        assert outcome.event is not None
        return outcome.event.sequence

    def publish(
        self,
        month: str,
        last: str,
        known_at: int,
        as_of: int | None = None,
        said: int | None = None,
    ) -> str:
        """The circular of a month, of which the case may say another time of knowledge."""
        self.now = known_at
        data = {
            "first_day": f"{month}-01",
            "last_day": last,
            "known_at": format_instant(known_at if said is None else said, SHANGHAI),
        }
        outcome, bulletin = self.engine.publish(
            f"bulletin/{month}", "publish", period=month, data=data, as_of=as_of
        )
        assert bulletin is not None, outcome.decision.message()
        return bulletin.text

    def run(self, doings: list[Doing]) -> list[str]:
        """Do all that, each when it is recorded, and publish every month; gives the circulars."""
        texts = []
        left = sorted(doings, key=lambda doing: doing[:2])
        for month in MONTHS:
            while left and left[0][0] < month[2]:
                self.now, _, do = left.pop(0)
                do(self)
            texts.append(self.publish(*month))
        assert all(replayed.same for replayed in self.engine.replay())
        return texts


def parts(text: str) -> Mapping[str, list[list[str]]]:
    """The tables of a circular by their headings, without the numbers of these."""
    found: dict[str, list[list[str]]] = {}
    for part in text.split("\n## ")[1:]:
        heading, *lines = part.splitlines()
        rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
        found[heading.partition("、")[2]] = rows[2:]
    return found


def told(text: str) -> Told:
    """The findings that a circular tells of, less those that it withdraws."""
    found: Told = Counter()
    tables = parts(text)
    for who, *finding, count in tables.get("认定情况", []):
        found[who, *finding] += int(count)
    for who, _, _, *finding, count in tables.get("对以往认定的更正", []):
        found[who, *finding] += int(count)
    return found


def known(office: Office) -> Told:
    """The findings of published months as an assessment at the end has them."""
    months, last = {month for month, _, _ in MONTHS}, parse_date(MONTHS[-1][1])
    found: Told = Counter()
    for row in office.engine.assess(as_of=END, known_at=END).rows("findings"):
        at = int(str(row["at"]))
        if row["stage"] == "rescinded":
            continue
        if row["period"] in months or (at - 1 + 8 * DAY // 24) // DAY <= last:
            who = str(row["owed_by"]).removeprefix("unit/").upper()
            rule, stage = CLAUSES[str(row["rule"])], STAGES[str(row["stage"])]
            found[who, TITLES[str(row["finding"])], stage, rule] += 1
    return found


def matter(  # noqa: PLR0913, PLR0917 - what becomes of one matter, day by day
    number: int,
    unit: str,
    opened: int,
    reported: int | None,
    recorded: int,
    taken_back: int | None,
    judged: tuple[int, str, str] | None,
) -> Iterator[Doing]:
    """A matter is opened, reported and recorded late, the report taken back, a finding judged."""
    case, at = f"matter/{number}", START + opened * DAY

    def take_back(office: Office) -> None:
        sequence = next(e.sequence for e in office.engine.history(case) if e.event == "report")
        corrects = Correction(sequence=sequence, reason="of another matter", void=True)
        assert office.engine.act(case, "report", corrects=corrects).accepted

    yield (
        at,
        number,
        lambda office: office.act(case, "open", at, name=f"M{number}", unit=f"unit/{unit}"),
    )
    if reported is not None:
        done, written = at + reported * DAY, at + (reported + recorded) * DAY
        yield written, number, lambda office: office.act(case, "report", done)
        if taken_back is not None:
            yield written + taken_back * DAY, 100 + number, take_back
    if judged is not None:
        after, finding, event = judged

        def judge(office: Office) -> None:
            about = {"matter": case, "finding": finding, "unit": f"unit/{unit}"}
            office.act(f"violation/{number}", "open", office.now, **about)
            office.act(f"violation/{number}", event, office.now)

        yield at + after * DAY, 200 + number, judge


def drill(unit: str, day: int, recorded: int) -> Doing:
    """A unit drills, and somebody writes it down some days later."""
    at = START + day * DAY
    return at + recorded * DAY, 300, lambda office: office.act(f"unit/{unit}", "drill", at)


FINDING, JUDGED = st.sampled_from(["late", "missing"]), st.sampled_from(["verify", "rescind"])
MATTERS = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 100),
    st.none() | st.integers(0, 50),
    st.integers(0, 40),
    st.none() | st.integers(0, 3),
    st.none() | st.tuples(st.integers(0, 60), FINDING, JUDGED),
)


@settings(max_examples=30)
@given(
    st.lists(MATTERS, max_size=5),
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 100), st.integers(0, 50)), max_size=4),
)
def test_findings_told_less_those_withdrawn_are_what_is_known(
    matters: list[tuple[Any, ...]], drills: list[tuple[str, int, int]]
) -> None:
    """Over all circulars they add up to an assessment at the end; each comes out again."""
    office = Office()
    doings = [doing for n, one in enumerate(matters) for doing in matter(n, *one)]
    doings += [drill(*one) for one in drills]
    said: Told = Counter()
    for text in office.run(doings):
        said.update(told(text))

    assert {k: n for k, n in known(office).items() if n} == {k: n for k, n in said.items() if n}
    assert min(said.values(), default=0) >= 0


def test_a_report_that_comes_after_the_circular() -> None:
    """The circular of March said that it was missing; that of April withdraws it: it was late."""
    office = Office()
    march, april, may, _ = office.run(list(matter(1, "a", 20, 16, 0, None, None)))

    assert [["A", "未报", "疑似", "第一条", "1"]] == parts(march)["认定情况"]
    assert [
        ["A", "2024-03-26", "M1", "未报", "疑似", "第一条", "-1"],
        ["A", "2024-03-26", "M1", "迟报", "已认定", "第一条", "+1"],
    ] == [row for row in parts(april)["对以往认定的更正"] if row[2]]
    assert "下列认定在原通报之后新增、变更或撤销，所列次数为与原通报之差，计入原周期。" in april
    assert "M1" not in may


@pytest.mark.parametrize(
    ("event", "row"),
    [
        ("verify", ["A", "2024-03-26", "M1", "未报", "经核实属实", "第一条", "+1"]),
        ("rescind", None),
    ],
)
def test_what_people_make_of_it_afterwards(event: str, row: list[str] | None) -> None:
    """A finding that is verified is another one than was said; one that is rescinded is none."""
    office = Office()
    judged = (40, "missing", event)
    _, april, _, _ = office.run(list(matter(1, "a", 20, None, 0, None, judged)))
    gone = ["A", "2024-03-26", "M1", "未报", "疑似", "第一条", "-1"]

    found = [found for found in parts(april)["对以往认定的更正"] if found[2]]
    assert sorted([gone] if row is None else [gone, row]) == sorted(found)


def test_a_finding_of_the_month_before_is_told_once() -> None:
    """What is due after the month that it is about changes that month, and is not of the next."""
    _, april, _, june = Office().run([])

    assert [
        ["A", "2024-04-03", "", "未演练", "疑似", "第三条", "+1"],
        ["B", "2024-04-03", "", "未演练", "疑似", "第三条", "+1"],
    ] == parts(april)["对以往认定的更正"]
    assert "本期没有认定。" in april
    assert 2 == len(parts(june)["对以往认定的更正"])


def test_circulars_out_of_their_order() -> None:
    """What has changed of April before March was published is told by the circular of May."""
    office, (march, april, may, june) = Office(), MONTHS
    office.now = parse_instant("2024-04-20T09:00:00+08:00")
    office.act("matter/1", "open", office.now, name="M1", unit="unit/a")
    texts = [office.publish(*april)]
    office.now = april[2] + 3 * DAY
    office.act("matter/1", "report", office.now)
    late = (*march[:2], april[2] + 8 * DAY)
    texts.extend(office.publish(*month) for month in (late, may, june))

    assert ["A", "未报", "疑似", "第一条", "1"] in parts(texts[0])["认定情况"]
    assert [
        ["A", "2024-04-25", "M1", "未报", "疑似", "第一条", "-1"],
        ["A", "2024-04-25", "M1", "迟报", "已认定", "第一条", "+1"],
    ] == [row for row in parts(texts[2])["对以往认定的更正"] if row[2]]
    assert [False, True, False] == ["M1" in text for text in texts[1:]]
    assert all(replayed.same for replayed in office.engine.replay())


def test_a_circular_as_of_an_earlier_time() -> None:
    """What came after that time is a change to it, though it was known when it was published."""
    office, (march, april, may, _) = Office(), MONTHS
    first = office.publish(*march[:2], march[2] + 3 * DAY, as_of=march[2] - DAY)
    second, third = office.publish(*april), office.publish(*may)

    assert "本期没有认定。" in first
    assert [
        ["A", "2024-04-03", "", "未演练", "疑似", "第三条", "+1"],
        ["B", "2024-04-03", "", "未演练", "疑似", "第三条", "+1"],
    ] == parts(second)["对以往认定的更正"]
    assert {"2024-05-03"} == {row[1] for row in parts(third)["对以往认定的更正"]}
    assert all(replayed.same for replayed in office.engine.replay())


def test_a_circular_that_says_an_earlier_time_of_knowledge() -> None:
    """It is of what was known then; what became known before it was published comes next."""
    office, (march, april, _, _) = Office(), MONTHS
    office.now = parse_instant("2024-03-20T09:00:00+08:00")
    office.act("matter/1", "open", office.now, name="M1", unit="unit/a")
    office.now = march[2] - DAY
    office.act("matter/1", "report", office.now)
    first = office.publish(*march, said=march[2] - 2 * DAY)
    second = office.publish(*april)

    assert [["A", "未报", "疑似", "第一条", "1"]] == parts(first)["认定情况"]
    assert ["-1", "+1"] == [row[-1] for row in parts(second)["对以往认定的更正"] if row[2]]
    assert all(replayed.same for replayed in office.engine.replay())
