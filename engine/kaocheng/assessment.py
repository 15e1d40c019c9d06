"""An assessment: everything a ruleset says about a journal, as rows by relation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from kaocheng.journal.unknown import NO_RULE, check_known
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.schema import Relation
from kaocheng.model.events import Unreadable
from kaocheng.model.facts import Facts, Times
from kaocheng.plan.algebra import STATUSES, UNDETERMINED, RulePlan

Row = Mapping[str, object]


@frozen(kw_only=True)
class VersionUse:
    """A version as it was used: its name, its hash, and how many rule instances it governs."""

    version: str
    hash: str
    instances: int
    deadlines: Mapping[str, Mapping[str, int]]


@frozen(kw_only=True)
class Problem:
    """Something in the input that could not be taken as it stands: where and why."""

    place: str
    en: str
    zh: str


@frozen(kw_only=True)
class Assessment:
    """What `assess` gives: rows of every rule, with what they rest on.

    `results` holds the rows of each relation as tuples in the order of its columns,
    sorted by key; `facts` the base relations they were computed from. `unreadable` are
    lines of the input that gave no event, `problems` events that do not fit the ruleset.
    """

    ruleset: Ruleset
    times: Times
    results: Mapping[str, Sequence[tuple[object, ...]]] = field(repr=False)
    facts: Facts = field(repr=False)
    cases: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    problems: tuple[Problem, ...] = ()

    def rules(self, section: str) -> Iterator[RulePlan]:
        """The rules of a section, in the order of the plan."""
        return (
            rule
            for rule in self.ruleset.plan.rules
            if rule.section == section and "." not in rule.id
        )

    def relation(self, name: str) -> Relation:
        """The shape of a rule's rows.

        Raises:
            UnknownNameError: the ruleset has no such rule.
        """
        relations = self.ruleset.plan.relations
        check_known("name", name, relations, NO_RULE)
        return relations[name]

    def rows(self, name: str) -> list[Row]:
        """The rows of a rule or of a collection, as mappings from column to value.

        Raises:
            UnknownNameError: the ruleset has neither of that name.
        """
        columns = tuple(self.relation(name).columns)
        return [dict(zip(columns, row, strict=True)) for row in self.results.get(name, ())]

    def name_of(self, case: str) -> str:
        """What people call a case: its `name` where its kind has one, else its id."""
        kind, _, own = case.partition("/")
        relation = self.ruleset.plan.relations.get(kind)
        if relation is None or not own:
            return case
        if "name" in relation.columns:
            place, key = relation.index("name"), relation.index("case")
            for row in self.facts.relations.get(kind, ()):
                if row[key] == case and row[place] is not None:
                    return str(row[place])
        return own

    def statuses(self, rule: str) -> Mapping[str, int]:
        """How many rows of a deadline have each status, all eight listed."""
        place = self.relation(rule).index("status")
        counted = Counter(row[place] or UNDETERMINED for row in self.results.get(rule, ()))
        return {status: counted.get(status, 0) for status in STATUSES}

    def findings(self) -> Mapping[str, int]:
        """How many findings there are of each kind."""
        if "findings" not in self.ruleset.plan.relations:
            return {}
        place = self.relation("findings").index("finding")
        counted = Counter(str(row[place]) for row in self.results.get("findings", ()))
        return dict(sorted(counted.items()))

    def versions(self) -> tuple[VersionUse, ...]:
        """The versions with how many rule instances each governs."""
        instances: Counter[int] = Counter()
        statuses: dict[tuple[int, str], Counter[str]] = {}
        for rule in self.ruleset.plan.rules:
            place = rule.relation.index("version")
            status = rule.relation.index("status") if "status" in rule.relation.columns else None
            for row in self.results.get(rule.id, ()):
                version = row[place]
                if not isinstance(version, int):
                    continue
                instances[version] += 1
                if status is not None:
                    statuses.setdefault((version, rule.id), Counter())[
                        str(row[status] or UNDETERMINED)
                    ] += 1
        return tuple(
            VersionUse(
                version=version.name,
                hash=version.hash,
                instances=instances[index],
                deadlines={
                    rule: dict(sorted(c.items())) for (v, rule), c in statuses.items() if v == index
                },
            )
            for index, version in enumerate(self.ruleset.versions)
        )
