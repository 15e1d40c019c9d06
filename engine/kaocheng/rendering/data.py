"""An assessment as plain data: what `--format json` prints, and what programs read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kaocheng.assessment import Assessment
from kaocheng.calendars.zones import Zone, build_zone
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.schema import Relation
from kaocheng.language.types import INSTANT, Type
from kaocheng.plan.algebra import COLLECTIONS, UNDETERMINED
from kaocheng.rendering.tried import tried_data
from kaocheng.rendering.values import converter, plain

SECTIONS = (
    "derived",
    "deadlines",
    "tallies",
    "decisions",
    "carry",
    "standings",
    "bulletins",
    "violations",
)


def zone_of(assessment: Assessment) -> Zone:
    """The zone in which times are shown: that of the last version."""
    return build_zone(assessment.ruleset.versions[-1].zone)


def rows_as_data(assessment: Assessment, name: str, zone: Zone) -> list[dict[str, object]]:
    """The rows of a rule or a collection, as JSON has them; `version` is the version's name."""
    relation = assessment.relation(name)
    show = shower(relation, assessment.ruleset, zone)
    return [show(row) for row in assessment.results.get(name, ())]


def shower(
    relation: Relation, ruleset: Ruleset, zone: Zone
) -> Callable[[tuple[object, ...]], dict[str, object]]:
    """What gives the rows of a relation as JSON has them; `version` is the version's name."""
    columns = tuple(relation.columns)
    converters = [
        (name, place, convert)
        for place, (name, convert) in enumerate(converters_of(relation, ruleset, zone).items())
        if convert is not None
    ]

    def show(row: tuple[object, ...]) -> dict[str, object]:
        shown = dict(zip(columns, row, strict=True))
        for name, place, convert in converters:
            shown[name] = convert(row[place])
        return shown

    return show


def converters_of(
    relation: Relation, ruleset: Ruleset, zone: Zone
) -> dict[str, Callable[[object], object] | None]:
    """For each column what makes of its values what JSON has; None where they stay as they are."""
    names = [version.name for version in ruleset.versions]
    columns = relation.columns.items()
    return {name: _converter(name, type_, names, zone) for name, type_ in columns}


def _converter(
    name: str, type_: Type, names: list[str], zone: Zone
) -> Callable[[object], object] | None:
    if name == "version":
        return partial(_named, names=names)
    return _status if name == "status" else converter(type_, zone)


def _named(version: object, names: list[str]) -> str | None:
    return names[version] if isinstance(version, int) else None


def _status(status: object) -> object:
    return status or UNDETERMINED


def summary(assessment: Assessment) -> dict[str, object]:
    """Cases, statuses of every deadline, findings by kind, and what could not be read."""
    return {
        "cases": assessment.cases,
        "deadlines": {r.id: dict(assessment.statuses(r.id)) for r in assessment.rules("deadlines")},
        "findings": dict(assessment.findings()),
        "unreadable": len(assessment.unreadable),
        "problems": len(assessment.problems),
    }


def as_data(assessment: Assessment, rule: str | None = None) -> dict[str, object]:
    """The whole assessment as JSON-able data, in a fixed order; with `rule`, rows of it alone."""
    zone = zone_of(assessment)
    times = assessment.times
    return {
        "ruleset": assessment.ruleset.name,
        "as_of": _instant(times.as_of, zone),
        "known_at": None if times.known_at is None else _instant(times.known_at, zone),
        **({"set": tried_data(assessment.ruleset)} if assessment.ruleset.tried else {}),
        "versions": [
            {
                "version": use.version,
                "hash": use.hash,
                "instances": use.instances,
                "deadlines": {rule: dict(counts) for rule, counts in use.deadlines.items()},
            }
            for use in assessment.versions()
        ],
        "summary": summary(assessment),
        **{section: _section(assessment, section, zone, rule) for section in SECTIONS},
        **{name: _collection(assessment, name, zone, rule) for name in COLLECTIONS},
        "unreadable": [{"place": u.place, "en": u.en, "zh": u.zh} for u in assessment.unreadable],
        "problems": [{"place": p.place, "en": p.en, "zh": p.zh} for p in assessment.problems],
    }


def _section(
    assessment: Assessment, section: str, zone: Zone, only: str | None
) -> dict[str, object]:
    wanted = [rule.id for rule in assessment.rules(section) if only in (None, rule.id)]
    return {name: rows_as_data(assessment, name, zone) for name in wanted}


def _collection(
    assessment: Assessment, name: str, zone: Zone, only: str | None
) -> list[dict[str, object]]:
    if name not in assessment.ruleset.plan.relations:
        return []
    rows = rows_as_data(assessment, name, zone)
    return [row for row in rows if only in (None, name, row["rule"])]


def _instant(value: int, zone: Zone) -> object:
    return plain(value, INSTANT, zone)
