"""The CEL front end: from the text of an expression to its checked tree.

CEL's parser and checker come first. What they accept is decoded and typed by the project's
own checker, which knows what CEL cannot: values of enumerations, decimal places, references.
What CEL's checker refuses is parsed again without it, so that the same checker says why, in
the words of policy writers. Nothing is accepted that either of the two refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from kaocheng.language.cel import codes, syntax_codes, tree, wire
from kaocheng.language.cel.check import Checker
from kaocheng.language.cel.declarations import Declarations
from kaocheng.language.cel.findings import Finding
from kaocheng.language.cel.places import Places, Scalar
from kaocheng.language.cel.refusals import LONGEST, is_too_large, refusals
from kaocheng.language.cel.reports import Reports
from kaocheng.language.cel.result import result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaocheng.diagnostics import Diagnostics
    from kaocheng.language.expressions import Expr
    from kaocheng.language.schema import Schema
    from kaocheng.language.types import Type

_Types: TypeAlias = "frozenset[tuple[str, str]]"


class FrontEnd:
    """Compiles expressions over one schema; environments are kept per set of variables.

    Rules of one ruleset say the same short things over and over (`r.unit`, `a.at`), so
    `trees` keeps what CEL accepted, by what CEL knew and the text.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.trees: dict[tuple[_Types, str], tree.Node] = {}
        self._declarations: Declarations | None = None
        self._types: dict[tuple[tuple[str, Type], ...], _Types] = {}
        self._environments: dict[_Types, Any] = {}

    def with_schema(self, schema: Schema) -> FrontEnd:
        """A front end over another schema, such as this one with the outputs of more rules."""
        return self if schema == self.schema else FrontEnd(schema)

    def compile(
        self,
        scalar: Scalar,
        variables: Mapping[str, Type],
        *,
        expected: Type | Sequence[Type] | None = None,
        diagnostics: Diagnostics,
    ) -> Expr | None:
        """The checked expression in `scalar`, or None with at least one error reported.

        `expected` is the type, or the types, that the result must have; a whole number or a
        row becomes the decimal or the reference that is expected of it.
        """
        reports = Reports()
        expr = _Compilation(self, scalar, variables, reports).run(expected)
        diagnostics.extend(reports.found)
        return None if reports.found else expr

    def types(self, variables: Mapping[str, Type]) -> _Types:
        """CEL's types of the variables and parameters, which make up an environment."""
        given = tuple(variables.items())
        known = self._types.get(given)
        if known is None:
            known = self._types[given] = frozenset(self._declared().types(variables).items())
        return known

    def environment(self, variables: Mapping[str, Type]) -> Any:  # noqa: ANN401 -- untyped library
        """CEL's environment for expressions over `variables`."""
        types = self.types(variables)
        if types not in self._environments:
            self._environments[types] = self._declared().environment(dict(types))
        return self._environments[types]

    def _declared(self) -> Declarations:
        if self._declarations is None:
            self._declarations = Declarations(self.schema)
        return self._declarations


class _Compilation:
    """The compilation of one expression."""

    def __init__(
        self,
        front_end: FrontEnd,
        scalar: Scalar,
        variables: Mapping[str, Type],
        reports: Reports,
    ) -> None:
        self._front_end = front_end
        self._text = scalar.source
        self._places = Places(scalar)
        self._variables = variables
        self._reports = reports

    def run(self, expected: Type | Sequence[Type] | None) -> Expr | None:
        """The checked expression, or None with something reported."""
        if len(self._text) > LONGEST:
            self._report(Finding(syntax_codes.TOO_LARGE, 0, 1))
            return None
        node, refused = self._node()
        expr = None if node is None else self._checked(node, expected)
        if refused and not self._reports.found:
            self._report(Finding(codes.NO_FIT, 0, 1))
        return expr

    def _node(self) -> tuple[tree.Node | None, bool]:
        """The expression as written, and whether CEL's checker refuses it."""
        trees, key = self._front_end.trees, (self._front_end.types(self._variables), self._text)
        node, refused = trees.get(key), False
        if node is None:
            serialized, refused = self._serialized()
            node = None if serialized is None else self._decoded(serialized)
            if node is not None and not refused:
                trees[key] = node
        return node, refused

    def _serialized(self) -> tuple[bytes | None, bool]:
        """The expression as CEL serializes it, and whether CEL's checker refuses it."""
        environment = self._front_end.environment(self._variables)
        # The library refuses a text with RuntimeError, and with TypeError what is no text.
        try:
            return environment.compile(self._text).serialize(), False
        except (RuntimeError, TypeError) as refused:
            if is_too_large(str(refused)):
                self._report(Finding(syntax_codes.TOO_LARGE, 0, 1))
                return None, True
        try:
            return environment.compile(self._text, disable_check=True).serialize(), True
        except (RuntimeError, TypeError) as refused:
            for finding in refusals(self._text, str(refused)):
                self._report(finding)
        return None, True

    def _decoded(self, serialized: bytes) -> tree.Node | None:
        from google.protobuf.message import DecodeError

        try:
            return tree.build(wire.read(serialized), self._text)
        except DecodeError:  # nested more deeply than messages may be
            self._report(Finding(syntax_codes.TOO_DEEP, 0, 1))
            return None

    def _checked(self, node: tree.Node, expected: Type | Sequence[Type] | None) -> Expr | None:
        checker = Checker(
            self._front_end.schema,
            self._variables,
            text=self._text,
            place=self._places.span,
            reports=self._reports,
        )
        expr = checker.value(node)
        return None if expr is None else result(checker, expr, expected)

    def _report(self, finding: Finding) -> None:
        if not self._reports.full:
            self._reports.add(finding.code, self._places.of(finding), **finding.values)
