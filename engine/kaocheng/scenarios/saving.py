"""Any real case as a scenario: its events, and what came out.

The file holds the case, the cases that it names, and those that name it. What they alone do
not give (a rank among cases that are not in the file) is left out of what is expected, so
that a saved scenario always passes; which rules that concerns is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from kaocheng.assessing import assess
from kaocheng.assessment import Assessment
from kaocheng.calendars.numberline import format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.diagnostics import Diagnostics
from kaocheng.journal.fold import by_case
from kaocheng.journal.known import sequence_order, unique
from kaocheng.journal.texts import Message, Text
from kaocheng.journal.values import case_id
from kaocheng.language.kinds import PERSON, UNIT, carried_types
from kaocheng.language.merged import events_of, merged_kinds, takes_anything
from kaocheng.language.ruleset import Kind, Ruleset
from kaocheng.language.types import ListOf, Reference
from kaocheng.model.events import Event, Journal
from kaocheng.plan.algebra import RulePlan
from kaocheng.rendering.data import rows_as_data, zone_of
from kaocheng.scenarios import codes
from kaocheng.scenarios.reading import scenarios_of
from kaocheng.scenarios.timeline import UNKNOWN, timeline_of, yaml_text
from kaocheng.syntax.reading import parse_bytes

NO_KIND = Message("no_kind_to_save", "the ruleset has no kind `{kind}`", "规则集没有类别 `{kind}`")
NOT_SAYABLE = Message("not_sayable", "no scenario can say it: {why}", "无法写成情景：{why}")
NOTHING_SAID = Message(
    "nothing_said",
    "no rule speaks of `{kind}`, and as of {as_of} it has no state, so nothing can be expected",
    "没有规则涉及 `{kind}`，截至 {as_of} 也没有状态，无从写明应得结果",
)

_LEFT_OUT = ("undetermined", "period.first_day", "period.last_day", "recorded_at", "provisional")

Row = dict[str, object]
References = Mapping[str, Mapping[str, frozenset[str]]]


@frozen(kw_only=True)
class Saved:
    """The text of a scenario file, and the rules whose rows rest on cases outside of it."""

    text: str
    left_out: tuple[str, ...]


def scenario_of(assessment: Assessment, journal: Journal, case: str) -> Saved:
    """A scenario with the events of the case and of the cases around it, and its results.

    Raises:
        InputError: no rule speaks of the case, or a scenario cannot hold it, as where it is
            larger than a file may be.
    """
    ruleset, zone = assessment.ruleset, zone_of(assessment)
    kinds = merged_kinds(ruleset)
    kind = case.partition("/")[0]
    if kind not in kinds:
        raise NO_KIND.refusal(case, kind=kind)
    around = _around(journal, case, _references(kinds))
    scenario = _head(assessment, case, zone)
    scenario["timeline"] = timeline_of(_events(journal, ruleset, case, around), kinds, zone)
    alone = _again(assessment, _file(ruleset, scenario), case)
    expected, left_out = _reproduced(_results(assessment, case, zone), _results(alone, case, zone))
    states = _states(alone, case)
    absent = [] if expected or states else list(_absent(alone, case, left_out))
    if not (expected or states or absent):
        raise NOTHING_SAID.refusal(case, kind=kind, as_of=str(scenario["as_of"]))
    stated = {"expect": expected, "absent": absent, "states": states}
    scenario |= {key: value for key, value in stated.items() if value}
    text = _file(ruleset, scenario)
    _read(ruleset, text, case)
    return Saved(text=text, left_out=left_out)


def _head(assessment: Assessment, case: str, zone: Zone) -> dict[str, object]:
    times = assessment.times
    found: dict[str, object] = {
        "id": _identifier(case),
        "as_of": format_instant(times.as_of, zone),
    }
    if times.known_at is not None:
        found["known_at"] = format_instant(times.known_at, zone)
    return found


def _identifier(case: str) -> str:
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in case.lower())
    return f"case_{text}"


def _file(ruleset: Ruleset, scenario: Mapping[str, object]) -> str:
    return yaml_text({"kaocheng": 1, "ruleset": ruleset.name, "scenarios": [dict(scenario)]})


# Which cases belong to the file.


def _references(kinds: Mapping[str, Kind]) -> References:
    """For each kind the data that name cases, and of which kinds."""
    return {
        kind.name: {
            name: frozenset(item.kind for item in items if isinstance(item, Reference))
            for name, types in carried_types(kind).items()
            if (items := [t.item if isinstance(t, ListOf) else t for t in types])
        }
        for kind in kinds.values()
    }


def _around(journal: Journal, case: str, references: References) -> frozenset[str]:
    """The case, the cases that name it, and whatever these name in turn."""
    named: dict[str, set[str]] = {}
    for event in journal.events:
        named.setdefault(event.case, set()).update(_mentions(event, references))
    found: set[str] = set()
    todo = [case, *(other for other, names in named.items() if case in names)]
    while todo:
        current = todo.pop()
        if current not in found and current in named:
            found.add(current)
            todo += named[current]
    return frozenset(found)


def _mentions(event: Event, references: References) -> Iterator[str]:
    """The cases that an event names; a reference may leave out the kind."""
    if event.actor is not None:
        yield event.actor.id
        yield case_id(PERSON, event.actor.id)
        if event.actor.unit is not None:
            yield event.actor.unit
            yield case_id(UNIT, event.actor.unit)
    kinds = references.get(event.kind, {})
    for data in (event.data, {} if event.corrects is None else event.corrects.data):
        for key, value in data.items():
            for text in value if isinstance(value, list | tuple) else (value,):
                if isinstance(text, str):
                    yield text
                    yield from (case_id(kind, text) for kind in kinds.get(key, ()))


# Which events a scenario says: those that the ruleset reads.


def _events(
    journal: Journal, ruleset: Ruleset, case: str, around: frozenset[str]
) -> Iterator[Event]:
    """The events that count, those of the case first."""
    histories = by_case(event for event in journal.events if event.case in around)
    kinds = {name.partition("/")[0] for name in histories} & merged_kinds(ruleset).keys()
    known = {kind: events_of(ruleset, kind) for kind in kinds}
    free = {kind for kind in kinds if takes_anything(ruleset, kind)}
    for name in sorted(histories, key=lambda name: (name != case, name)):
        if name.partition("/")[0] not in kinds:
            continue
        events, _ = unique(sorted(histories[name], key=sequence_order))
        for event in events:
            if event.corrects is not None or event.event in known[event.kind] or event.kind in free:
                yield event


# What is expected: what the events of the file give by themselves.


def _read(ruleset: Ruleset, text: str, case: str) -> tuple[Event, ...]:
    """The events of the file as they are read back."""
    diagnostics = Diagnostics()
    parsed = parse_bytes(text.encode(), case)
    scenarios = scenarios_of(parsed, ruleset, diagnostics)
    for wrong in diagnostics:
        if wrong.is_error and wrong.code is not codes.NOTHING_EXPECTED:
            why = Text(wrong.message(), wrong.message("zh"))
            raise NOT_SAYABLE.refusal(case, why=why)
    return scenarios[0].events


def _again(assessment: Assessment, text: str, case: str) -> Assessment:
    events = _read(assessment.ruleset, text, case)
    times = assessment.times
    journal = Journal(events=events)
    return assess(assessment.ruleset, journal, as_of=times.as_of, known_at=times.known_at)


def _results(assessment: Assessment, case: str, zone: Zone) -> Mapping[str, list[Row]]:
    """The rows about the case, by rule."""
    found: dict[str, list[Row]] = {}
    for rule in assessment.ruleset.plan.rules:
        if "case" in rule.relation.columns:
            rows = rows_as_data(assessment, rule.id, zone)
            found[rule.id] = [_sayable(row) for row in rows if row["case"] == case]
    return found


def _sayable(row: Row) -> Row:
    return {k: v for k, v in row.items() if k not in _LEFT_OUT and not isinstance(v, list)}


def _reproduced(
    rows: Mapping[str, list[Row]], alone: Mapping[str, list[Row]]
) -> tuple[list[Row], tuple[str, ...]]:
    """What a scenario may expect, and the rules whose rows do not come out of the file alone."""
    expected: list[Row] = []
    left_out: list[str] = []
    for rule, found in rows.items():
        known = {_key(row) for row in alone[rule]}
        kept = [row for row in found if _key(row) in known]
        stated = list(_stated(rule, kept, alone))
        expected += stated
        if len(kept) < len(found) or len(stated) < len(kept) or len(alone[rule]) > len(kept):
            left_out.append(rule)
    return expected, tuple(left_out)


def _key(row: Row) -> frozenset[tuple[str, object]]:
    return frozenset(row.items())


def _stated(rule: str, rows: Iterable[Row], alone: Mapping[str, list[Row]]) -> Iterator[Row]:
    """The rows as expectations that no other row of the rule or of its findings meets.

    What is not known is said only where it tells a row from another one.
    """
    others = [
        row for name in alone if name == rule or name.startswith(f"{rule}.") for row in alone[name]
    ]
    counts: dict[tuple[str, ...], Counter[tuple[object, ...]]] = {}
    for row in rows:
        for cells in (_known(row), row):
            columns = tuple(cells)
            if columns not in counts:
                fitting = (other for other in others if other.keys() >= cells.keys())
                counts[columns] = Counter(tuple(o[c] for c in columns) for o in fitting)
            if counts[columns][tuple(cells.values())] == 1:
                said = {k: UNKNOWN if v is None else v for k, v in cells.items()}
                yield {"rule": rule, **{k: v for k, v in said.items() if k != "rule"}}
                break


def _known(row: Row) -> Row:
    return {key: value for key, value in row.items() if value is not None}


def _absent(alone: Assessment, case: str, left_out: tuple[str, ...]) -> Iterator[Row]:
    """Where nothing is expected: the rules that might have said something and did not."""
    for rule in alone.ruleset.plan.rules:
        is_own = "." not in rule.id and "case" in rule.relation.columns
        if is_own and rule.id not in left_out and _runs_over(rule, case.partition("/")[0]):
            yield {"rule": rule.id, "case": case}


def _runs_over(rule: RulePlan, kind: str) -> bool:
    """Whether the rule runs over the cases, the lists, the spells or the roll of the kind."""
    sources = {pipeline.source for pipeline in rule.variants.values()}
    return kind in {source.partition(" per ")[0].partition(".")[0] for source in sources}


def _states(assessment: Assessment, case: str) -> dict[str, str]:
    """The state in which the case ends, where its kind has a lifecycle."""
    relation = assessment.ruleset.plan.relations[case.partition("/")[0]]
    if "state" not in relation.columns:
        return {}
    own, state = relation.index("case"), relation.index("state")
    rows = assessment.facts.relations.get(relation.name, ())
    return {case: str(row[state]) for row in rows if row[own] == case}  # noqa: B035
