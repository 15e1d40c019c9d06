"""What scenarios expect: rows of rules, every column known and every value possible."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingABC

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import parse_date, parse_instant
from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.shapes import (
    Fields,
    Key,
    Record,
    Text,
    listed,
    missing_key,
    place_of,
    unknown_choice,
    wrong_shape,
)
from kaocheng.language.types import DATE, INSTANT, STRING, Enum, Type
from kaocheng.scenarios import codes
from kaocheng.scenarios.model import Expected
from kaocheng.syntax import Mapping, Node, Scalar, Sequence
from kaocheng.syntax.quoting import shown

ROW = Record(
    "an expected row",
    "应有的结果",
    (Key("rule", Text(), "the rule that gives it", "给出该结果的规则", required=True),),
)
# Words that stand for values of any type.
_WORDS = ("unknown", "never")


class ExpectedReader:
    """Reads rows that must be there, or must not."""

    def __init__(self, ruleset: Ruleset, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._rules = {rule.id: rule for rule in ruleset.plan.rules}
        self._versions = tuple(version.name for version in ruleset.versions)

    def read(self, fields: Fields, key: str) -> tuple[Expected, ...]:
        """The rows under a key."""
        node = fields.nodes.get(key)
        items = node.items if isinstance(node, Sequence) else ()
        rows = [self._row(item) for item in items if isinstance(item, Mapping)]
        return tuple(row for row in rows if row is not None)

    def _row(self, node: Mapping) -> Expected | None:
        cells = dict(self._cells(node))
        rule = cells.pop("rule", None)
        if rule is None:
            if node.get("rule") is None:
                missing_key(node.span, ROW, "rule", self._diagnostics)
            return None
        if rule.text not in self._rules:
            hint = nearest(rule.text, self._rules)
            seen = shown(rule.text)
            self._diagnostics.add(codes.UNKNOWN_RULE, rule.span, seen=seen, suggestion=hint)
            return None
        self._check_columns(rule.text, node)
        columns = {name: cell.text for name, cell in cells.items()}
        return Expected(rule=rule.text, columns=columns, span=node.span)

    def _cells(self, node: Mapping) -> Iterator[tuple[str, Scalar]]:
        for entry in node.entries:
            if isinstance(entry.value, Scalar):
                if not entry.value.is_blank:
                    yield entry.key.text, entry.value
            else:
                place, wanted = place_of(entry.key.text), ("a single value", "单个值")
                wrong_shape(entry.value, self._diagnostics, place=place, wanted=wanted)

    def _check_columns(self, rule: str, node: Mapping) -> None:
        known = self._columns(rule)
        for entry in node.entries:
            name = entry.key.text
            if name == "rule":
                continue
            if name not in known:
                hint = nearest(name, known)
                words = {"rule": rule, "seen": shown(name), **listed(sorted(known))}
                span = entry.key.span
                self._diagnostics.add(codes.UNKNOWN_COLUMN, span, suggestion=hint, words=words)
            else:
                self._check_value(entry.value, name, known[name])

    def _columns(self, rule: str) -> MappingABC[str, list[Type]]:
        """The columns of the rule's rows and of its findings, which may differ in their types."""
        found: dict[str, list[Type]] = {}
        for id_, plan in self._rules.items():
            is_finding = plan.collection is not None and id_.startswith(f"{rule}.")
            if id_ == rule or is_finding:
                for name, type_ in plan.relation.columns.items():
                    found.setdefault(name, []).append(type_)
        return found

    def _check_value(self, node: Node, name: str, types: list[Type]) -> None:
        """Report a value that the column never has."""
        if not isinstance(node, Scalar) or node.is_blank or node.text in _WORDS:
            return
        # Where the types differ, so do the rows, and which is meant is not known here.
        type_ = types[0] if len(set(types)) == 1 else STRING
        if name == "version":
            self._check_choice(node, name, self._versions)
        elif isinstance(type_, Enum):
            self._check_choice(node, name, type_.values)
        elif type_ in (DATE, INSTANT):
            try:
                parse_date(node.text) if type_ == DATE else parse_instant(node.text)
            except ClockError as error:
                bad_time(node.text, node.span, error, self._diagnostics)

    def _check_choice(self, node: Scalar, name: str, values: tuple[str, ...]) -> None:
        if node.text not in values:
            unknown_choice(node, values, self._diagnostics, key=name)


def bad_time(text: str, span: Span, error: ClockError, diagnostics: Diagnostics) -> None:
    """Report what is no date and no instant."""
    words = {"seen": shown(text), "problem": error.message, "problem_zh": error.zh}
    diagnostics.add(codes.BAD_TIME, span, words=words)
