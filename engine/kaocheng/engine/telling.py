"""Rows of rules as messages say them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from kaocheng.calendars.numberline import format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import Row
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.schema import Relation
from kaocheng.rendering.data import shower

Said = Mapping[str, object]


class Teller:
    """Says rows as `kaocheng assess --format json` does, with what people call their rule.

    How the rows of a relation are said is prepared once, since every act asks for it.
    """

    def __init__(self, ruleset: Ruleset, zone: Zone) -> None:
        self._ruleset = ruleset
        self._zone = zone
        self._says: dict[str, Callable[[Row], Said]] = {}

    def say(self, relation: Relation, rows: Iterable[Row]) -> list[Said]:
        """What messages say of rows of a relation of an online rule."""
        says = self._says.get(relation.name)
        if says is None:
            says = self._says[relation.name] = self._prepared(relation)
        return list(map(says, rows))

    def collected(
        self, record: Record, collection: str, among: Collection[str] | None = None
    ) -> list[Said]:
        """What messages say of the rows of a collection, of all rules or of some."""
        outputs, results = record.governed.outputs, record.case_results
        return [
            said
            for rule in outputs.collections.get(collection, ())
            if among is None or rule in among
            for said in self.say(outputs.relations[rule], results.rows(rule))
        ]

    def timers(self, record: Record) -> tuple[tuple[str, str], ...]:
        """The timers of a case, each with its time as messages write it."""
        return tuple((rule, format_instant(at, self._zone)) for rule, at in record.timers)

    def _prepared(self, relation: Relation) -> Callable[[Row], Said]:
        show = shower(relation, self._ruleset, self._zone)
        if not {"rule", "version"} <= relation.columns.keys():
            return show
        rule, version = relation.index("rule"), relation.index("version")
        known: dict[tuple[object, object], Said] = {}

        def say(row: Row) -> Said:
            key = row[rule], row[version]
            if key not in known:
                known[key] = self._called(*key)
            return {**show(row), **known[key]}

        return say

    def _called(self, rule: object, version: object) -> Said:
        """What people call a rule, in the version that gave a row."""
        if not isinstance(rule, str) or not isinstance(version, int):
            return {}
        rules = self._ruleset.versions[version].rules
        text = rules.get(rule) or rules.get(rule.partition(".")[0])
        return {} if text is None else {"title": dict(text.titles), "clause": text.clause}


def unversioned(said: Said) -> Said:
    """What is said of a row but for which version gave it, and what that calls the rule."""
    return {name: value for name, value in said.items() if name not in _OF_VERSION}


_OF_VERSION = ("version", "title", "clause")
