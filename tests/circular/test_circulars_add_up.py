"""For whoever reads the circulars that stand, each period with its changes is what is known."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Host
from kaocheng.calendars.numberline import DAY, format_date, format_instant, parse_instant
from kaocheng.circular import again
from kaocheng.engine import Engine
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Correction
from kaocheng.stores import SqlStore

if TYPE_CHECKING:
    import pytest

OFFICE = Path(__file__).parent / "office"
MONTHS = ("2024-02", "2024-03", "2024-04", "2024-05")
LAST = "2024-06"
LAST_DAYS = {"2024-02": 29, "2024-03": 31, "2024-04": 30, "2024-05": 31, "2024-06": 30}
START = parse_instant("2024-07-01T09:00:00+08:00")

# What is adopted on a day of spring, which adoption is revoked, which month is published as of
# its end or of now, and which circular is withdrawn.
DOINGS = st.lists(
    st.tuples(st.just("adopt"), st.integers(0, 120))
    | st.tuples(st.just("revoke"), st.integers(0, 5))
    | st.tuples(st.sampled_from(["publish", "publish_as_of_its_end"]), st.integers(0, 3))
    | st.tuples(st.just("withdraw"), st.integers(0, 3)),
    max_size=25,
)


@cache
def reopening() -> Ruleset:
    """The office, where points stay on the day on which they were earned."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        text = (OFFICE / "versions" / "2024.yaml").read_text("utf-8")
        (Path(folder) / "versions").mkdir()
        file = Path(folder) / "versions" / "2024.yaml"
        file.write_text(text.replace("next_open", "reopen"), "utf-8")
        return Host.discover().load(folder)


@cache
def program() -> Any:  # noqa: ANN401 - what engines share
    """Its compiled rules."""
    return Engine(reopening()).program


class Office:
    """An office, its clock, and the circulars that it has published, in their order."""

    def __init__(self) -> None:
        self.now = START
        self.engine = Engine(
            reopening(), store=SqlStore.open(), program=program(), clock=lambda: self.now
        )
        at = parse_instant("2024-01-15T09:00:00+08:00")
        assert self.engine.act("unit/a", "admit", {"name": "甲"}, at=at).accepted
        self.adoptions: list[int] = []
        self.standing: dict[str, int] = {}
        self.texts: list[tuple[str, str]] = []

    def do(self, what: str, number: int) -> None:
        """Something is done on the next day, where it can be."""
        self.now += DAY
        if what == "adopt":
            at = parse_instant("2024-02-01T09:00:00+08:00") + number * DAY
            outcome = self.engine.act("unit/a", "adopt", at=at)
            assert outcome.event is not None
            self.adoptions.append(outcome.event.sequence)
        elif what == "revoke" and number < len(self.adoptions):
            self._void("unit/a", "adopt", self.adoptions.pop(number))
        elif what.startswith("publish") and MONTHS[number] not in self.standing:
            self.publish(MONTHS[number], at_its_end=what != "publish")
        elif what == "withdraw" and MONTHS[number] in self.standing:
            place = self.standing.pop(MONTHS[number])
            self._void(f"bulletin/{place}", "publish", 1)

    def publish(self, month: str, *, at_its_end: bool = False) -> None:
        """The circular of a month."""
        place, last = len(self.texts), f"{month}-{LAST_DAYS[month]}"
        data = {"first_day": f"{month}-01", "last_day": last, "known_at": format_instant(self.now)}
        outcome, bulletin = self.engine.publish(
            f"bulletin/{place}",
            "publish",
            period=month,
            data=data,
            as_of=f"{last}T23:59:59+08:00" if at_its_end else None,
        )
        assert bulletin is not None, outcome.decision.message()
        self.standing[month] = place
        self.texts.append((month, bulletin.text))

    def _void(self, case: str, event: str, sequence: int) -> None:
        corrects = Correction(sequence=sequence, reason="by mistake", void=True)
        assert self.engine.act(case, event, corrects=corrects).accepted


def points(text: str) -> Counter[str]:
    """The points that a circular has, as items or as changes, by the months of their days."""
    found: Counter[str] = Counter()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| 甲 ") and cells[2] == "信息采用":
            found[cells[3][:7]] += int(cells[4])
    return found


@settings(max_examples=40)
@given(DOINGS)
def test_circulars_and_their_changes_are_what_is_known(doings: list[tuple[str, int]]) -> None:
    """Of each month that stands: its circular and the changes that later ones print of it."""
    office = Office()
    for what, number in doings:
        office.do(what, number)
    office.now += DAY
    office.publish(LAST)
    read: Counter[str] = Counter()
    for month, own in office.standing.items():
        later = [place for place in office.standing.values() if place >= own]
        read[month] = sum(points(office.texts[place][1])[month] for place in later)
    known: Counter[str] = Counter()
    for row in office.engine.assess(as_of=office.now, known_at=office.now).rows("entries"):
        month = format_date(int(str(row["posted_on"])))[:7]
        if month in office.standing:
            known[month] += int(str(row["amount"])) // 10_000

    assert +known == +read
    assert all(replayed.same for replayed in office.engine.replay())


def test_nothing_is_assessed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new circular needs itself and the one before; all of them again need each once."""
    office, assessed, found = Office(), again.assess, list[object]()

    def counted(*arguments: Any, **options: Any) -> object:  # noqa: ANN401 - as `assess`
        found.append(options)
        return assessed(*arguments, **options)

    monkeypatch.setattr(again, "assess", counted)
    for number in range(4):
        office.do("publish", number)
    assert 1 + 2 + 2 + 2 == len(found)
    found.clear()
    assert all(replayed.same for replayed in office.engine.replay())
    assert 4 == len(found)
