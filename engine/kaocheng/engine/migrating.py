"""What a changed ruleset would make of the cases that are there, case by case."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from kaocheng.calendars.numberline import FIRST_INSTANT, NEVER, format_instant
from kaocheng.calendars.zones import Zone, local_day
from kaocheng.engine.cases import Record
from kaocheng.engine.checking import check_instant, check_reason
from kaocheng.engine.loading import CASES_AT_ONCE, batched
from kaocheng.engine.outcome import unchained
from kaocheng.engine.refusing import MOST_AHEAD, Refused, check_ahead, why_of
from kaocheng.engine.telling import TOLD, Said, Teller, unversioned
from kaocheng.errors import ArgumentError
from kaocheng.journal.texts import Message, Text

if TYPE_CHECKING:
    from kaocheng.engine.database import Units
    from kaocheng.engine.folding import Folder

SAME, CHANGES, CANNOT = "same", "changes", "cannot"
VERDICTS = (SAME, CHANGES, CANNOT)

STATE, FACTS, TIMERS = "state", "facts", "timers"
"""What may change of a case beside the rows of its rules."""

_NO_PLAN = Text(
    "must be a plan, as `plan_migration` gives it", "应为 `plan_migration` 所给出的方案"
)
_EARLIER = Message(
    "earlier",
    "must not be before `{last}`, the last event of `{case}`",
    "不得早于 `{case}` 最后一次事件的时间 `{last}`",
)
_ELSEWHERE = Text(
    "leads to other versions than those of this engine; migrate with an engine of the new ruleset",
    "所到的版本与此引擎的不同；请用新规则集的引擎办理",
)


@frozen(kw_only=True)
class Told:
    """What others were told of by rules that will say something else, by collection.

    It is what the old rules called things, with times in the zone of the new ones.
    """

    rules: Collection[str] = ()
    rows: Mapping[str, Sequence[Said]] = field(factory=dict)


@frozen(kw_only=True)
class Verdict:
    """What becomes of one case: the same, other results with which, or it cannot and why.

    `changes` has what was and what would be: of `state`, of those `facts` that both rulesets
    have, of `timers`, and of every rule that differs, with values as messages write them. It
    is about the case as it was after the event with the number `sequence`, the latest of which
    happened at `last`, when its results had the `digest`: an event of a child may change them
    too. `zh` is `why` in Chinese.
    """

    case: str
    verdict: str
    changes: Mapping[str, tuple[object, object]] = field(factory=dict)
    why: str = ""
    zh: str = ""
    sequence: int = 0
    last: int = FIRST_INSTANT
    digest: str = field(default="", repr=False)
    told: Told = field(factory=Told, repr=False)


@frozen(kw_only=True)
class MigrationPlan:
    """The verdicts on all cases, and the versions that they would go from and to."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    def count(self, verdict: str) -> int:
        """How many cases have that verdict."""
        return sum(found.verdict == verdict for found in self.verdicts)

    @property
    def possible(self) -> bool:
        """Whether every case can be migrated."""
        return not self.count(CANNOT)

    def going(self, children: Collection[str]) -> dict[str, Verdict]:
        """The cases that can be migrated by their ids, those that others read as children last.

        So what a case says under other rules is told before what it says of their children.
        """
        going = (found for found in self.verdicts if found.verdict != CANNOT)
        order = sorted(going, key=lambda found: found.case.partition("/")[0] in children)
        return {found.case: found for found in order}


def check_migration(
    plan: MigrationPlan, folder: Folder, *, at: int, reason: str, now: int | None
) -> None:
    """Refuse to carry out a plan for other versions, or without a reason or a time that fits.

    That is one which has come and is not before what has happened to the cases.

    Raises:
        ArgumentError: it says which.
    """
    if not isinstance(plan, MigrationPlan):
        raise ArgumentError("plan", _NO_PLAN.en, zh=_NO_PLAN.zh)
    check_instant("at", at)
    check_reason(reason)
    try:
        check_ahead((at, None), None, now, folder.zone)
    except Refused as refused:
        why = why_of(refused, "at")
        raise ArgumentError("at", why.en, zh=why.zh) from refused
    if plan.new != folder.hashes:
        raise ArgumentError("plan", _ELSEWHERE.en, zh=_ELSEWHERE.zh)
    _check_last(plan, at, now, folder.zone)


def _check_last(plan: MigrationPlan, at: int, now: int | None, zone: Zone) -> None:
    """Refuse to have a case go over before its own last event.

    Where that is further ahead than `at` can be, as history that was loaded may be, it does
    not count.
    """
    come = NEVER if now is None else now + MOST_AHEAD
    later = [v for v in plan.going(()).values() if v.last <= come and _before(at, v.last, zone)]
    if later:
        latest = max(later, key=lambda verdict: verdict.last)
        why = _EARLIER.fill(case=latest.case, last=format_instant(latest.last, zone))
        raise ArgumentError("at", why.en, zh=why.zh)


def _before(at: int, last: int, zone: Zone) -> bool:
    """Whether a time is before an event; one known by its day alone is at the end of its day."""
    day = local_day(zone, last)
    if local_day(zone, last + 1) != day:
        return local_day(zone, at) < day
    return at < last


def verdicts(
    cases: Iterable[str], before: Units, after: Units, *, tellers: tuple[Teller, Teller]
) -> Iterator[Verdict]:
    """The verdicts on cases, from what two rulesets say of them; each is told by its teller.

    Cases that are not under the first of them are left out: what it says, nobody was told.
    """
    for some in batched(cases, CASES_AT_ONCE):
        with before.read() as unit:
            known = [record for record in map(unit.known, some) if record is not None]
            were = [record for record in known if unit.is_here(record)]
            digests = [unit.keeper.digest(was.state.case) for was in were]
        with after.read() as unit:
            would = [unit.known(was.state.case) for was in were]
        for was, record, digest in zip(were, would, digests, strict=True):
            yield evolve(compare(was, record, tellers), digest=digest)


def compare(was: Record, would: Record | None, tellers: tuple[Teller, Teller]) -> Verdict:
    """What a case is under two rulesets that read the same history."""
    case, sequence = was.state.case, was.state.sequence
    if would is None:
        why = f"the new ruleset has no kind `{was.governed.name}`"
        zh = f"新规则集没有类别 `{was.governed.name}`"
        return Verdict(case=case, verdict=CANNOT, why=why, zh=zh, sequence=sequence)
    problems = [p for p in would.state.problems if p not in was.state.problems]
    if problems:
        why = "; ".join(problem.en for problem in problems)
        zh = "；".join(problem.zh for problem in problems)
        return Verdict(case=case, verdict=CANNOT, why=why, zh=zh, sequence=sequence)
    changes = dict(_changes((was, would), tellers))
    return Verdict(
        case=case,
        verdict=CHANGES if changes else SAME,
        changes=changes,
        sequence=sequence,
        last=was.last,
        told=_told(was, changes, tellers[0]),
    )


def _changes(
    records: tuple[Record, Record], tellers: tuple[Teller, Teller]
) -> Iterator[tuple[str, tuple[object, object]]]:
    was, would = records
    if was.state.state != would.state.state:
        yield STATE, (was.state.state, would.state.state)
    pairs = tuple(zip(records, tellers, strict=True))
    old, new = (_facts(record, teller) for record, teller in pairs)
    differing = [name for name in old if name in new and old[name] != new[name]]
    if differing:
        were, would_be = ({name: facts[name] for name in differing} for facts in (old, new))
        yield FACTS, (were, would_be)
    if was.timers != would.timers:
        yield TIMERS, (tellers[0].timers(was), tellers[1].timers(would))
    before, after = (_rows(record, teller) for record, teller in pairs)
    for rule in dict.fromkeys((*before, *after)):
        pair = before.get(rule, []), after.get(rule, [])
        if pair[0] != pair[1]:
            yield rule, pair


def _facts(record: Record, teller: Teller) -> Mapping[str, object]:
    (facts,) = teller.say(record.governed.relations[record.governed.name], (record.row,))
    return {name: value for name, value in json.loads(facts).items() if name != STATE}


def _rows(record: Record, teller: Teller) -> dict[str, list[Mapping[str, object]]]:
    """The rows by rule, without which of the versions gave them."""
    return {
        rule.id: list(map(unversioned, teller.say(rule.relation, unchained(rows))))
        for rule, rows in zip(record.governed.rules, record.results, strict=True)
    }


def _told(was: Record, changed: Collection[str], teller: Teller) -> Told:
    rows = {name: teller.collected(was, name, changed) for name in TOLD}
    return Told(rules=tuple(changed), rows=rows)
