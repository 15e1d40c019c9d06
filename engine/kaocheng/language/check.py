"""The checker: a ruleset's folder in, a checked ruleset or all its diagnostics out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from kaocheng.calendars.periods import PeriodSpec
from kaocheng.calendars.zones import Zones
from kaocheng.collector import collector_paused
from kaocheng.diagnostics import Diagnostic, Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language._combine import combine
from kaocheng.language._drafts import draft_rules, sources
from kaocheng.language._figures import read_figures
from kaocheng.language._header import (
    HEADER,
    Header,
    check_windows,
    check_zone,
    in_order,
    read_header,
)
from kaocheng.language._inputs_reader import InputSetting, read_inputs
from kaocheng.language._kinds_reader import KindsRead, read_kinds
from kaocheng.language._ladders import check_ladders
from kaocheng.language._names import Names
from kaocheng.language._relations import base_relations, read_relations
from kaocheng.language._rules import RulesRead, build_rules, check_sections
from kaocheng.language._second_places import with_second_places
from kaocheng.language._tables_reader import read_tables
from kaocheng.language._values_reader import read_parameters, read_periods
from kaocheng.language.cel import FrontEnd
from kaocheng.language.cel.forms import FUNCTIONS, MACROS, METHODS, TYPE_NAMES
from kaocheng.language.documents import Document, Documents, version_files
from kaocheng.language.graph import check_graph
from kaocheng.language.ruleset import Input, Kind, Ruleset, RuleText
from kaocheng.language.schema import Relation, Schema
from kaocheng.language.sections import Section, Setting
from kaocheng.language.types import BOOL, Row, Type
from kaocheng.plan.algebra import TableRows

_ACTOR = ("whoever acts", "办理人")
CORE_SECTIONS = ("kinds", "relations", "parameters", "tables", "periods", "inputs")


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
    figures: Mapping[str, RuleText]
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
    """Check the ruleset in a folder (or one version file): all of its mistakes at once.

    Raises:
        InputError: a version file cannot be opened.
    """
    diagnostics = Diagnostics()
    reader = _Versions(sections, tuple(formats), Documents(installed), diagnostics)
    with collector_paused():
        return _checked(path, reader, diagnostics)


def _checked(path: Path, reader: _Versions, diagnostics: Diagnostics) -> Checked:
    versions = reader.read(path)
    if versions and all(version.header.is_complete for version in versions):
        check_windows([version.header for version in versions], diagnostics)
    if diagnostics.errors or not versions:
        return Checked(ruleset=None, diagnostics=tuple(diagnostics))
    ordered = sorted(versions, key=lambda version: in_order(version.header))
    folder = path if path.is_dir() else path.parent
    ruleset = combine(ordered, str(folder), diagnostics)
    return Checked(ruleset=None if diagnostics.errors else ruleset, diagnostics=tuple(diagnostics))


class _Versions:
    """Reads the versions of a ruleset, each by itself."""

    def __init__(
        self,
        sections: Sequence[Section],
        formats: tuple[str, ...],
        documents: Documents,
        diagnostics: Diagnostics,
    ) -> None:
        self._sections = sections
        self._formats = formats
        self._documents = documents
        self._diagnostics = diagnostics
        self._zones = Zones()

    def read(self, path: Path) -> list[VersionRead]:
        """Every version that has a head; what is wrong with any is reported."""
        files = version_files(path)
        if not files:
            self._diagnostics.add(
                declaration_codes.NO_VERSIONS, Span.point(str(path)), seen=path.resolve().name
            )
        found = []
        inherited: list[Diagnostic] = []
        for file in files:
            diagnostics = Diagnostics()
            document = self._documents.read(file, diagnostics)
            version = None if document is None else self._version(document, diagnostics)
            if document is not None and version is not None:
                found.append(version)
                diagnostics = _completed(diagnostics, document, version.rules)
            self._diagnostics.extend(d for d in diagnostics if _is_own(d, file))
            inherited += _inherited(document, diagnostics)
        known = {(d.code.id, d.span) for d in self._diagnostics}
        self._diagnostics.extend(d for d in inherited if (d.code.id, d.span) not in known)
        return found

    def _version(self, document: Document, diagnostics: Diagnostics) -> VersionRead | None:
        checker = _VersionChecker(document, self._sections, self._formats, self._zones, diagnostics)
        return checker.check()


def _completed(found: Diagnostics, document: Document, rules: RulesRead) -> Diagnostics:
    """What is wrong with a version, with the other places that it is at odds with."""
    made = Diagnostics()
    made.extend(with_second_places(found, document, rules.places, rules.schema.relations))
    return made


def _inherited(document: Document | None, diagnostics: Diagnostics) -> Iterator[Diagnostic]:
    """What is wrong in versions that a version extends, with the place where it extends them."""
    if document is None:  # nothing is known of it but what is wrong
        yield from diagnostics
        return
    span = document.span("extends")
    label = Label(span, "seen from the version that extends it here", "自此处沿用该文件的版本发现")
    for item in diagnostics:
        if not _is_own(item, document.path):
            yield evolve(item, labels=(*item.labels, label))


def _is_own(item: Diagnostic, path: Path) -> bool:
    """Whether a diagnostic is of the version file itself, or of a table that it reads."""
    return item.span.file == str(path) or not item.span.file.endswith(".yaml")


class _VersionChecker:
    """Checks one version document, stage by stage."""

    def __init__(
        self,
        document: Document,
        sections: Sequence[Section],
        formats: tuple[str, ...],
        zones: Zones,
        diagnostics: Diagnostics,
    ) -> None:
        self._document = document
        self._sections = sections
        self._formats = formats
        self._zones = zones
        self._diagnostics = diagnostics

    def check(self) -> VersionRead | None:
        """The version as far as it could be read; None without a header."""
        document, diagnostics = self._document, self._diagnostics
        header = read_header(document, diagnostics)
        if header is None:
            return None
        known = (*CORE_SECTIONS, *(section.name for section in self._sections))
        check_sections(document, HEADER, known, diagnostics)
        check_zone(header.zone, document.span("time_zone"), self._zones, diagnostics)
        names = self._rows()
        read = read_kinds(document.node("kinds"), names, diagnostics)
        periods = read_periods(document.node("periods"), diagnostics)
        values, functions = self._values(read), self._functions()
        parameters = read_parameters(document.node("parameters"), read.kinds, values, diagnostics)
        tables = read_tables(document.node("tables"), read.kinds, functions, diagnostics)
        links = read_relations(document.node("relations"), read.kinds, diagnostics)
        schema = Schema(
            relations=base_relations(read.kinds, periods, links, self._collections()),
            tables={name: table.shape for name, table in tables.items()},
            parameters={name: p.type for name, p in parameters.items()},
        )
        kinds = self._with_guards(read, schema)
        self._check_graphs(read)
        given = {name: p.value for name, p in parameters.items()}
        rules = self._rules(schema, kinds, periods, header, names)
        check_ladders(rules.rules, tables, given, diagnostics)
        return VersionRead(
            document=document,
            header=header,
            kinds=kinds,
            periods=periods,
            parameters=given,
            tables={name: table.rows for name, table in tables.items()},
            figures=read_figures(document, header.cite),
            inputs=self._inputs(kinds, header),
            rules=rules,
            base=schema,
        )

    # Names that are taken.

    def _rows(self) -> Names:
        """What rules run over."""
        names = Names(self._diagnostics)
        names.reserve(self._collections(), ("the results of all rules", "各规则结果的汇总"))
        names.reserve(("actor",), _ACTOR)
        return names

    def _values(self, read: KindsRead) -> Names:
        """What expressions may name alone."""
        names = Names(self._diagnostics)
        names.reserve(TYPE_NAMES, ("a type of expressions", "表达式的类型"))
        names.reserve(("actor",), _ACTOR)
        names.reserve(read.kinds, ("a kind", "类别"))
        return names

    def _functions(self) -> Names:
        """What expressions may call."""
        names = Names(self._diagnostics)
        known = (*FUNCTIONS, *METHODS, *MACROS, *TYPE_NAMES)
        names.reserve(known, ("a function of expressions", "表达式的函数"))
        return names

    def _collections(self) -> Mapping[str, Relation]:
        return {name: r for section in self._sections for name, r in section.collections.items()}

    # The parts.

    def _with_guards(self, read: KindsRead, schema: Schema) -> Mapping[str, Kind]:
        kinds = dict(read.kinds)
        front_end = FrontEnd(schema)
        for name, lifecycle_read in read.lifecycles.items():
            kind = kinds.get(name)
            if kind is None or kind.lifecycle is None:
                continue
            variables: Mapping[str, Type] = {name: Row(name), "actor": Row("actor")}
            transitions = list(kind.lifecycle.transitions)
            for guard in lifecycle_read.guards:
                when = front_end.compile(
                    guard.scalar, variables, expected=BOOL, diagnostics=self._diagnostics
                )
                transitions[guard.index] = evolve(transitions[guard.index], when=when)
            lifecycle = evolve(kind.lifecycle, transitions=tuple(transitions))
            kinds[name] = evolve(kind, lifecycle=lifecycle)
        for name, waiting in read.readers.items():
            readers = list(kinds[name].readers)
            for index, scalar in waiting:
                when = front_end.compile(
                    scalar,
                    {name: Row(name), "actor": Row("actor")},
                    expected=BOOL,
                    diagnostics=self._diagnostics,
                )
                readers[index] = evolve(readers[index], when=when)
            kinds[name] = evolve(kinds[name], readers=tuple(readers))
        return kinds

    def _check_graphs(self, read: KindsRead) -> None:
        for item in read.lifecycles.values():
            if item.is_sound:
                check_graph(item.lifecycle, self._diagnostics, final=item.final, states=item.states)

    def _inputs(self, kinds: Mapping[str, Kind], header: Header) -> Mapping[str, Input]:
        setting = InputSetting(
            kinds=kinds, formats=self._formats, zones=self._zones, zone=header.zone
        )
        return read_inputs(self._document.node("inputs"), setting, self._diagnostics)

    def _rules(
        self,
        schema: Schema,
        kinds: Mapping[str, Kind],
        periods: Mapping[str, PeriodSpec],
        header: Header,
        names: Names,
    ) -> RulesRead:
        drafts = draft_rules(self._document, self._sections, names, self._diagnostics)
        declarations = {
            section.name: {d.id: d.fields for d in drafts if d.section is section}
            for section in self._sections
        }
        setting = Setting(
            kinds=kinds,
            periods=periods,
            declarations=declarations,
            calendar=header.calendar,
            cite=header.cite,
            run_over=frozenset(name for draft in drafts for name in sources(draft.fields)),
        )
        return build_rules(drafts, schema, setting, self._diagnostics)
