"""Rows of rules as the JSON texts by which messages say them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from kaocheng.calendars.numberline import format_instant
from kaocheng.calendars.zones import Zone
from kaocheng.engine.cases import Record
from kaocheng.engine.outcome import Outputs, Row
from kaocheng.journal.json_text import compact
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.schema import Relation
from kaocheng.plan.algebra import COLLECTIONS, UNDETERMINED
from kaocheng.rendering.data import converters_of

Said = str
"""What a message says, as JSON."""

TOLD = (*COLLECTIONS, UNDETERMINED)
"""All that others are told of: rows of collections, and deadlines that are undetermined."""

_LAST = 64


class Teller:
    """Says rows as `kaocheng assess --format json` does, with what people call their rule.

    Every act asks for it, and the same accounts, days and instants come again and again: how
    the rows of a relation are said is prepared once, and what was said last of each is kept.
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
        if collection == UNDETERMINED:
            return [
                said
                for one in results.undetermined
                if among is None or one.rule in among
                for said in self.undetermined(one.rule, outputs, (one.row.row,))
            ]
        return [
            said
            for rule in outputs.collections.get(collection, ())
            if among is None or rule in among
            for said in self.say(outputs.relations[rule], results.rows(rule))
        ]

    def undetermined(self, rule: str, outputs: Outputs, rows: Iterable[Row]) -> list[Said]:
        """What messages say of deadlines of a rule that are undetermined."""
        relation, found = outputs.relations[rule], list(rows)
        name, version = compact(rule), relation.index("version")
        says = zip(found, self.say(relation, found), strict=True)
        return [
            f'{{"rule":{name},{said[1:-1]}{self._called(rule, row[version])}}}'
            for row, said in says
        ]

    def timers(self, record: Record) -> tuple[tuple[str, str], ...]:
        """The timers of a case, each with its time as messages write it."""
        return tuple((rule, format_instant(at, self._zone)) for rule, at in record.timers)

    def _prepared(self, relation: Relation) -> Callable[[Row], Said]:
        converters = converters_of(relation, self._ruleset, self._zone)
        template = ",".join(f"{compact(name)}:%s" for name in relation.columns)
        writers = [lru_cache(_LAST)(_writer(convert)) for convert in converters.values()]

        def say(row: Row) -> Said:
            return template % tuple(
                [write(value) for write, value in zip(writers, row, strict=True)]
            )

        if not {"rule", "version"} <= relation.columns.keys():
            return lambda row: f"{{{say(row)}}}"
        rule, version = relation.index("rule"), relation.index("version")
        called = lru_cache(_LAST)(self._called)
        return lambda row: f"{{{say(row)}{called(row[rule], row[version])}}}"

    def _called(self, rule: object, version: object) -> str:
        """What people call a rule, in the version that gave a row."""
        if not isinstance(rule, str) or not isinstance(version, int):
            return ""
        rules = self._ruleset.versions[version].rules
        text = rules.get(rule) or rules.get(rule.partition(".")[0])
        if text is None:
            return ""
        return f',"title":{compact(dict(text.titles))},"clause":{compact(text.clause)}'


def _writer(convert: Callable[[object], object] | None) -> Callable[[object], str]:
    return compact if convert is None else lambda value: compact(convert(value))


def unversioned(said: Said) -> Mapping[str, object]:
    """What is said of a row but for which version gave it, and what that calls the rule."""
    return {name: value for name, value in json.loads(said).items() if name not in _OF_VERSION}


_OF_VERSION = ("version", "title", "clause")
