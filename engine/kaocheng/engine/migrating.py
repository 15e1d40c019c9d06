"""What a changed ruleset would make of the cases that are there, case by case."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from kaocheng.calendars.numberline import FIRST_INSTANT, NEVER, format_instant
from kaocheng.calendars.zones import Zone, local_day
from kaocheng.engine.cases import Record
from kaocheng.engine.checking import check_instant, check_reason
from kaocheng.engine.loading import CASES_AT_ONCE, batched
from kaocheng.engine.outcome import unchained
from kaocheng.engine.reach import Child
from kaocheng.engine.refusing import MOST_AHEAD, Refused, check_ahead, why_of
from kaocheng.engine.telling import TOLD, Said, Teller, unversioned
from kaocheng.errors import ArgumentError
from kaocheng.journal.texts import Message, Text

if TYPE_CHECKING:
    from kaocheng.engine.database import Units
    from kaocheng.engine.folding import Folder
    from kaocheng.engine.unit_of_work import UnitOfWork

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
_KEPT_BACK = Message(
    "kept_back",
    "`{case}` cannot go over, and a case goes over together with those that read it or that it"
    " reads",
    "`{case}` 无法转入，而事项须与读取它的、它所读取的事项一并转入",
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
    too. `zh` is `why` in Chinese. `parents` are the cases that read it as a child under either
    ruleset.
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
    parents: Collection[str] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """The kind of the case."""
        return self.case.partition("/")[0]


@frozen(kw_only=True)
class MigrationPlan:
    """The verdicts on all cases, and the versions that they would go from and to.

    `children` says which cases the old rules read as children of which. `other_text` is how many
    cases are under neither text, which this plan says nothing of, and `first_of_other_text` one of
    them: they need a plan by an engine of their own.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    children: tuple[Child, ...] = field(default=(), repr=False)
    other_text: int = 0
    first_of_other_text: str | None = None

    def count(self, verdict: str) -> int:
        """How many cases have that verdict."""
        return sum(found.verdict == verdict for found in self.verdicts)

    @property
    def possible(self) -> bool:
        """Whether every case can be migrated, and none is under a third text."""
        return not self.count(CANNOT) and not self.other_text

    def going(self) -> dict[str, Verdict]:
        """The cases that can be migrated, by their ids."""
        return {found.case: found for found in self.verdicts if found.verdict != CANNOT}


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
    later = [v for v in plan.going().values() if v.last <= come and _before(at, v.last, zone)]
    if later:
        latest = max(later, key=lambda verdict: verdict.last)
        why = _EARLIER.fill(case=latest.case, last=format_instant(latest.last, zone))
        raise ArgumentError("at", why.en, zh=why.zh)


def _before(at: int, last: int, zone: Zone) -> bool:
    """Whether a time is before what happened last; at the end of a day stands what the day had."""
    day = local_day(zone, last)
    if local_day(zone, last + 1) != day:
        return local_day(zone, at) < day
    return at < last


def planned(
    cases: Iterable[str], units: tuple[Units, Units], folders: tuple[Folder, Folder]
) -> MigrationPlan:
    """What becomes of cases that go from one ruleset to another."""
    old, new = folders
    tellers = Teller(old.ruleset, new.zone), new.teller
    others = list[str]()
    found = tuple(_verdicts(cases, *units, tellers=tellers, others=others))
    return MigrationPlan(
        old=old.hashes,
        new=new.hashes,
        verdicts=tuple(_settled(found)),
        children=old.reach.children,
        other_text=len(others),
        first_of_other_text=next(iter(others), None),
    )


def carried_out(plan: MigrationPlan, units: Units, *, at: int, reason: str) -> int:
    """Have the cases of a plan go over, those that belong together at once; gives how many did."""
    data = {"from": list(plan.old), "to": list(plan.new), "reason": reason}
    migrated = 0
    going = plan.going()
    while going:
        with units.write() as unit:
            migrated += unit.migrate(next(iter(going)), going, plan, at=at, data=data)
    return migrated


def _verdicts(
    cases: Iterable[str],
    before: Units,
    after: Units,
    *,
    tellers: tuple[Teller, Teller],
    others: list[str],
) -> Iterator[Verdict]:
    """The verdicts on cases, from what two rulesets say of them; each is told by its teller.

    Cases that are not under the first of them are left out: what it says, nobody was told. Those
    that are not under the second either are added to `others`.
    """
    for some in batched(cases, CASES_AT_ONCE):
        with before.read() as unit:
            known = [record for record in map(unit.known, some) if record is not None]
            are_here = [unit.is_here(record) for record in known]
            were = list(compress(known, are_here))
            digests = [unit.keeper.digest(was.state.case) for was in were]
            parents = [dict.fromkeys(unit.parents(was)) for was in were]
        with after.read() as unit:
            for one, is_here in zip(known, are_here, strict=True):
                if not is_here and not _is_under(one.state.case, unit):
                    others.append(one.state.case)
            would = [unit.known(was.state.case) for was in were]
            for found, record in zip(parents, would, strict=True):
                found.update(dict.fromkeys(() if record is None else unit.parents(record)))
        for was, record, digest, found in zip(were, would, digests, parents, strict=True):
            yield evolve(compare(was, record, tellers), digest=digest, parents=tuple(found))


def _settled(found: Sequence[Verdict]) -> Iterator[Verdict]:
    """The verdicts, where a case that cannot go keeps back those that read it or that it reads.

    An act on a child assesses its parent again, which only an engine of the parent's text may.
    """
    near: dict[str, list[str]] = {verdict.case: [] for verdict in found}
    for verdict in found:
        for parent in near.keys() & verdict.parents:
            near[verdict.case].append(parent)
            near[parent].append(verdict.case)
    kept_by = {verdict.case: "" for verdict in found if verdict.verdict == CANNOT}
    waiting = deque(kept_by)
    while waiting:
        name = waiting.popleft()
        for other in near[name]:
            if other not in kept_by:
                kept_by[other] = kept_by[name] or name
                waiting.append(other)
    for verdict in found:
        if first := kept_by.get(verdict.case):
            why = _KEPT_BACK.fill(case=first)
            yield evolve(verdict, verdict=CANNOT, why=why.en, zh=why.zh)
        else:
            yield verdict


def together(
    case: str, going: Mapping[str, Verdict], plan: MigrationPlan, unit: UnitOfWork
) -> tuple[list[str], bool]:
    """A case and those that read it or that it reads, and so on; whether all of them can go.

    They cannot where one of them is not what its verdict was about, or has none. Where they
    cannot, they are as many as it took to see that.
    """
    found: dict[str, None] = {}
    names = [(case, False)]
    while names:
        name, is_child = names.pop()
        if name in found:
            continue
        verdict = going.get(name)
        if verdict is not None and _is_as_planned(verdict, unit):
            found[name] = None
            names += ((parent, False) for parent in verdict.parents)
            names += ((child, True) for child in unit.children(name, plan.children))
        elif name == case or _keeps_back(name, plan, unit, is_child=is_child):
            return [*found, name], False
    return list(found), True


def _is_under(case: str, unit: UnitOfWork) -> bool:
    """Whether a case is under the text of a unit's ruleset."""
    record = unit.known(case)
    return record is not None and unit.is_here(record)


def _is_as_planned(verdict: Verdict, unit: UnitOfWork) -> bool:
    record = unit.known(verdict.case)
    if record is None or record.state.sequence != verdict.sequence:
        return False
    return unit.keeper.digest(verdict.case) == verdict.digest


def _keeps_back(case: str, plan: MigrationPlan, unit: UnitOfWork, *, is_child: bool) -> bool:
    """Whether a case that does not go is elsewhere than those that go; a child, under their text.

    A child under a third text goes over with a plan of its own, for which its parents are there.
    """
    if _is_under(case, unit):
        return False
    if is_child:
        return set(unit.keeper.other_text(case)) <= set(plan.old)
    return unit.known(case) is not None


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
