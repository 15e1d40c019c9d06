"""The checker: a ruleset's folder in, a checked ruleset or all its diagnostics out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.calendars.zones import build_zone
from kaocheng.diagnostics import Diagnostic, Diagnostics, Span, nearest
from kaocheng.language import codes
from kaocheng.language._combine import combine
from kaocheng.language._header import HEADER_KEYS, Header, check_windows, read_header
from kaocheng.language._inputs_reader import read_inputs
from kaocheng.language._names import Names
from kaocheng.language._kinds_reader import KindsRead, read_kinds
from kaocheng.language._relations import base_relations, read_relations
from kaocheng.language._rules import RulesRead, build_rules, draft_rules, unknown_sections
from kaocheng.language._values_reader import read_parameters, read_periods, read_tables
from kaocheng.language.cel import FrontEnd
from kaocheng.language.documents import Document, Documents, version_files
from kaocheng.language.graph import check_graph
from kaocheng.language.ruleset import Input, Kind, Ruleset
from kaocheng.language.schema import Relation, Schema
from kaocheng.language.sections import Section, Setting
from kaocheng.language.types import BOOL, Row, Type
from kaocheng.plan.algebra import TableRows

CORE_KEYS = (*HEADER_KEYS, "kinds", "relations", "parameters", "tables", "periods", "inputs")


@frozen(kw_only=True)
class Checked:
    """What checking gave: the ruleset, unless an error refuses it, and every diagnostic."""

    ruleset: Ruleset | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether the ruleset may be used."""
        return self.ruleset is not None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that refuse the ruleset."""
        return tuple(d for d in self.diagnostics if d.is_error)


@frozen(kw_only=True)
class VersionRead:
    """One version, checked, before the versions are combined."""

    document: Document
    header: Header
    kinds: Mapping[str, Kind]
    periods: Mapping[str, PeriodSpec]
    parameters: Mapping[str, object]
    tables: Mapping[str, TableRows]
    inputs: Mapping[str, Input]
    rules: RulesRead
    base: Schema = field(repr=False)


def check(
    path: Path,
    *,
    sections: Sequence[Section],
    formats: Sequence[str] = ("csv", "parquet"),
    installed: Callable[[str], Path | None] = lambda _: None,
) -> Checked:
    """Check the ruleset in a folder (or one version file): all of its mistakes at once."""
    diagnostics = Diagnostics()
    versions = _read_versions(path, sections, formats, installed, diagnostics)
    if versions:
        check_windows([version.header for version in versions], diagnostics)
    if diagnostics.errors or not versions:
        return Checked(ruleset=None, diagnostics=tuple(diagnostics))
    ordered = sorted(
        versions,
        key=lambda v: (v.header.window.first_day is not None, v.header.window.first_day or 0),
    )
    folder = path if path.is_dir() else path.parent
    ruleset = combine(ordered, str(folder), diagnostics)
    return Checked(ruleset=None if diagnostics.errors else ruleset, diagnostics=tuple(diagnostics))


def _read_versions(
    path: Path,
    sections: Sequence[Section],
    formats: Sequence[str],
    installed: Callable[[str], Path | None],
    diagnostics: Diagnostics,
) -> list[VersionRead]:
    files = version_files(path)
    if not files:
        diagnostics.add(codes.NO_VERSIONS, Span.point(str(path)), seen=path.name)
    found = []
    documents = Documents(installed)
    for file in files:
        document = documents.read(file, diagnostics)
        if document is not None:
            version = _VersionChecker(document, sections, formats, diagnostics).check()
            if version is not None:
                found.append(version)
    return found


class _VersionChecker:
    """Checks one version document, stage by stage."""

    def __init__(
        self,
        document: Document,
        sections: Sequence[Section],
        formats: Sequence[str],
        diagnostics: Diagnostics,
    ) -> None:
        self.document = document
        self.sections = sections
        self.formats = formats
        self.diagnostics = diagnostics

    def check(self) -> VersionRead | None:
        """The version as far as it could be read; None without a header."""
        known = (*CORE_KEYS, *(section.name for section in self.sections))
        unknown_sections(self.document, known, self.diagnostics)
        header = read_header(self.document, self.diagnostics)
        if header is None:
            return None
        self._check_zone(header)
        read = read_kinds(self.document.node("kinds"), Names(self.diagnostics), self.diagnostics)
        periods = read_periods(self.document.node("periods"), self.diagnostics)
        parameters = read_parameters(self.document.node("parameters"), self.diagnostics)
        tables = read_tables(
            self.document.node("tables"),
            _types_by_name(read.kinds),
            tuple(read.kinds),
            self.document.path.parent,
            self.diagnostics,
        )
        links = read_relations(self.document.node("relations"), read.kinds, self.diagnostics)
        schema = Schema(
            relations=base_relations(read.kinds, periods, links, self._collections()),
            tables={name: table.shape for name, table in tables.items()},
            parameters={name: p.type for name, p in parameters.items()},
        )
        kinds = self._with_guards(read, schema)
        for lifecycle in read.lifecycles.values():
            if lifecycle.is_sound:
                check_graph(
                    lifecycle.lifecycle,
                    self.diagnostics,
                    final=lifecycle.final,
                    states=lifecycle.states,
                )
        inputs = read_inputs(
            self.document.node("inputs"), kinds, self.formats, header.zone, self.diagnostics
        )
        rules = self._rules(schema, kinds, periods, header)
        return VersionRead(
            document=self.document,
            header=header,
            kinds=kinds,
            periods=periods,
            parameters={name: p.value for name, p in parameters.items()},
            tables={name: table.rows for name, table in tables.items()},
            inputs=inputs,
            rules=rules,
            base=schema,
        )

    def _check_zone(self, header: Header) -> None:
        try:
            build_zone(header.zone)
        except ClockError:
            import zoneinfo

            node = self.document.node("time_zone")
            span = header.span if node is None else node.span
            hint = nearest(header.zone, zoneinfo.available_timezones())
            self.diagnostics.add(codes.UNKNOWN_ZONE, span, seen=header.zone, suggestion=hint)

    def _collections(self) -> Mapping[str, Relation]:
        return {name: r for section in self.sections for name, r in section.collections.items()}

    def _with_guards(self, read: KindsRead, schema: Schema) -> Mapping[str, Kind]:
        kinds = dict(read.kinds)
        front_end = FrontEnd(schema)
        for guard in [g for found in read.lifecycles.values() for g in found.guards]:
            variables: Mapping[str, Type] = {guard.kind: Row(guard.kind), "actor": Row("actor")}
            when = front_end.compile(
                guard.scalar, variables, expected=BOOL, diagnostics=self.diagnostics
            )
            kind = kinds[guard.kind]
            if when is None or kind.lifecycle is None:
                continue
            transitions = list(kind.lifecycle.transitions)
            transitions[guard.index] = evolve(transitions[guard.index], when=when)
            lifecycle = evolve(kind.lifecycle, transitions=tuple(transitions))
            kinds[guard.kind] = evolve(kind, lifecycle=lifecycle)
        return kinds

    def _rules(
        self,
        schema: Schema,
        kinds: Mapping[str, Kind],
        periods: Mapping[str, PeriodSpec],
        header: Header,
    ) -> RulesRead:
        drafts = draft_rules(self.document, self.sections, self.diagnostics)
        declarations = {
            section.name: {d.id: d.fields for d in drafts if d.section is section}
            for section in self.sections
        }
        setting = Setting(
            kinds=kinds,
            periods=periods,
            declarations=declarations,
            calendar=header.calendar,
            cite=header.cite,
        )
        return build_rules(drafts, schema, setting, self.diagnostics)


def _types_by_name(kinds: Mapping[str, Kind]) -> Mapping[str, Type]:
    """Types of fields by full path (`report.adoptions.outlet`) and, where it is unique, by name."""
    paths: dict[str, Type] = {}
    for kind in kinds.values():
        paths |= {f"{kind.name}.{fact.name}": fact.type for fact in kind.fields}
        parts = {item.name: item.fields for item in kind.lists}
        parts |= {spell.name: spell.fields for spell in kind.spells}
        for part, facts in parts.items():
            paths |= {f"{kind.name}.{part}.{fact.name}": fact.type for fact in facts}
    short: dict[str, set[Type]] = {}
    for path, type_ in paths.items():
        short.setdefault(path.rpartition(".")[2], set()).add(type_)
    return paths | {name: next(iter(types)) for name, types in short.items() if len(types) == 1}
