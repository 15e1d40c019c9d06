"""Which rules an act evaluates, and on how many rows each has to look again.

A rule is *online* when it looks at one row at a time, or ranks the rows of each case
apart; when it runs over a kind, a list or a spell, or over the rows of online rules; and
when it reads nothing but cases, what is theirs, and rows of other online rules. All
others are of roll reach: they are computed when an assessment is read.

A rule over a list *grows* when the rows it gave stay as they are: it reads the list's
row, constants and named columns of the case, and has no clock but one that begins with
the row. Then an act evaluates the new row alone, and all rows only where one of those
columns has changed.

A rule may read rows of an online rule that name its case, as what was made of a finding does:
where the rule has that name from a column of its own case, those cases are children.

A rule reads *others* when it reads more than its own case and the facts of that case's children:
what calls for no new assessment of the case, so that its rows may be older than what they read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter

from attrs import field, frozen

from kaocheng.evaluate.python import Context, Program
from kaocheng.evaluate.python.program import RowFunction
from kaocheng.journal.program import KindProgram
from kaocheng.language.expressions import Call, Expr, Field, Fold, Follow, Linked, Variable
from kaocheng.language.schema import Link, Relation
from kaocheng.language.types import ListOf, Row, Type
from kaocheng.plan.algebra import Carry, Clock, Number, Pipeline, Plan, RulePlan, Tally

CASE = "case"
_OWN, _CHILDREN, _OTHERS = range(3)
"""How far a rule reads: its own case, the facts of its children too, or more."""

RowTuple = tuple[object, ...]
Reads = Callable[[RowTuple], object]


@frozen(kw_only=True)
class Source:
    """Where a rule's rows come from.

    `how` is `case`, `list`, `spell`, `rule` or `collection`; `place` is the place of the
    list among the kind's lists, or of the rule among its online rules. `parts` are the
    places and relations of the rules that a collection unites.
    """

    how: str
    name: str
    place: int = 0
    parts: tuple[tuple[int, Relation], ...] = ()


@frozen(kw_only=True)
class OnlineRule:
    """A rule that acts evaluate, by `functions` of one row or by `whole` of all of a case's.

    `grows` says that its rows stay as they are while the columns of the case do that
    `reads` picks, `reads_others` that what they rest on may change without the case,
    `reads_rules` that this includes what rules say of other cases.
    """

    id: str
    relation: Relation
    source: Source
    functions: tuple[RowFunction, ...]
    whole: Callable[[Context], list[RowTuple]] | None = None
    grows: bool = False
    reads: Reads | None = None
    reads_others: bool = False
    reads_rules: bool = False


@frozen(kw_only=True)
class Stretch:
    """Neighbouring rules that the inner loop of `act` treats alike; only one part is filled.

    `on_case` are functions of the case's row, `on_list` functions of the new rows of the
    list at `place` with what they read of the case, `otherwise` rules that need more.
    """

    on_case: tuple[RowFunction, ...] = ()
    on_list: tuple[tuple[RowFunction, Reads | None], ...] = ()
    place: int = 0
    otherwise: tuple[OnlineRule, ...] = ()


def stretches(rules: Iterable[OnlineRule], *, dated: bool) -> tuple[Stretch, ...]:
    """Rules in their order as the inner loop takes them."""

    def alike(rule: OnlineRule) -> tuple[str, int]:
        single = len(rule.functions) == 1
        if single and rule.source.how == "case" and not dated:
            return "case", 0
        if single and rule.source.how == "list" and rule.grows:
            return "list", rule.source.place
        return "", 0

    return tuple(_stretch(how, place, tuple(run)) for (how, place), run in groupby(rules, alike))


def _stretch(how: str, place: int, rules: tuple[OnlineRule, ...]) -> Stretch:
    if how == "case":
        return Stretch(on_case=tuple(rule.functions[0] for rule in rules))
    if how == "list":
        pairs = tuple((rule.functions[0], rule.reads) for rule in rules)
        return Stretch(on_list=pairs, place=place)
    return Stretch(otherwise=rules)


@frozen(kw_only=True)
class Child:
    """Rules of `parent` read the cases of `kind` whose column at `place` names them."""

    parent: str
    kind: str
    column: str
    place: int


@frozen(kw_only=True)
class Naming:
    """In which columns of the cases of `kind` rows have the case that they name.

    The rows have it in their column `name`; a column may be the case itself.
    """

    name: str
    kind: str
    columns: tuple[str, ...]


@frozen(kw_only=True)
class Reach:
    """The online rules of each kind in the order of what they read, and who reads children.

    `naming` says how rows of a relation are found by the case that they name in a column.
    """

    rules: Mapping[str, tuple[OnlineRule, ...]]
    children: tuple[Child, ...] = ()
    offline: tuple[str, ...] = field(default=())
    naming: Mapping[tuple[str, str], Naming] = field(factory=dict)


def watched_columns(reach: Reach, kind: str) -> Mapping[str, int]:
    """The columns of a kind by which rules read its cases as children, with their places."""
    return {child.column: child.place for child in reach.children if child.kind == kind}


def reach_of(program: Program, kinds: Mapping[str, KindProgram]) -> Reach:
    """Sort the rules of a plan."""
    finder = _Finder(program, kinds)
    for rule in program.plan.rules:
        finder.place(rule)
    return Reach(
        rules={kind: tuple(rules) for kind, rules in finder.rules.items()},
        children=tuple(dict.fromkeys(finder.children)),
        offline=tuple(finder.offline),
        naming=finder.naming,
    )


class _Finder:
    """Goes through the rules in the order of what they read."""

    def __init__(self, program: Program, kinds: Mapping[str, KindProgram]) -> None:
        self.program = program
        self.plan: Plan = program.plan
        self.kinds = kinds
        self.rules: dict[str, list[OnlineRule]] = {kind: [] for kind in kinds}
        self.children: list[Child] = []
        self.offline: list[str] = []
        self.naming: dict[tuple[str, str], Naming] = {}
        self._sources: dict[str, tuple[str, Source]] = {}
        self._far: dict[str, int] = {}  # the rules' relations, by how far they read
        for kind in kinds.values():
            self._sources |= {name: (kind.kind, source) for name, source in _own_sources(kind)}

    def place(self, rule: RulePlan) -> None:
        """Take a rule as online, for one kind or (over a collection) several, or as not."""
        names = {pipeline.source for pipeline in rule.variants.values()}
        name = names.pop() if len(names) == 1 else ""
        homes = self._homes(name)
        children = self._children_read(rule, homes[0][0]) if homes else None
        row_wise = self.program.is_row_wise(rule.id)
        if children is None or not (row_wise or _groups_by_case(rule)):
            self.offline.append(rule.id)
            return
        self.children += children
        self._far[rule.relation.name] = self._how_far(rule, name)
        for kind, source in homes:
            online = self._online(rule, kind, source)
            if len(homes) == 1:
                place = len(self.rules[kind])
                own = Source(how="rule", name=rule.id, place=place)
                self._sources.setdefault(rule.relation.name, (kind, own))
            self.rules[kind].append(online)

    def _homes(self, name: str) -> list[tuple[str, Source]]:
        """The kinds whose cases have rows of that name, and where they have them."""
        if name in self._sources:
            return [self._sources[name]]
        united = [rule for rule in self.plan.rules if rule.collection == name]
        if not united or any(rule.relation.name not in self._sources for rule in united):
            return []
        parts: dict[str, list[tuple[int, Relation]]] = {}
        for rule in united:
            kind, source = self._sources[rule.relation.name]
            parts.setdefault(kind, []).append((source.place, rule.relation))
        return [
            (kind, Source(how="collection", name=name, parts=tuple(found)))
            for kind, found in parts.items()
        ]

    def _online(self, rule: RulePlan, kind: str, source: Source) -> OnlineRule:
        if not self.program.is_row_wise(rule.id):
            return OnlineRule(
                id=rule.id,
                relation=rule.relation,
                source=source,
                functions=(),
                whole=partial(self.program.rule_rows, rule.id),
                reads_others=self._far[rule.relation.name] == _OTHERS,
                reads_rules=self._reads_rules(rule),
            )
        columns = self._growing_columns(rule, kind, source)
        return OnlineRule(
            id=rule.id,
            relation=rule.relation,
            source=source,
            functions=tuple(self.program.row_function(rule.id, v) for v in sorted(rule.variants)),
            grows=columns is not None,
            reads=itemgetter(*columns) if columns else None,
            reads_others=self._far[rule.relation.name] == _OTHERS,
            reads_rules=self._reads_rules(rule),
        )

    # What a rule reads of other cases ----------------------------------------------------------

    def _children_read(self, rule: RulePlan, kind: str) -> list[Child] | None:
        """The children that the rule reads; None where it reads what no act can give it."""
        found: list[Child] = []
        for pipeline in rule.variants.values():
            for expr in pipeline.expressions():
                for node in expr.walk():
                    if isinstance(node, Follow) and _relation(node.type) not in self.kinds:
                        return None
                    if isinstance(node, Linked) and not self._link(node, kind, found):
                        return None
        return found

    def _link(self, node: Linked, kind: str, found: list[Child]) -> bool:
        here, link = _relation(node.row.type), self._link_of(node)
        columns = [column for _, column in link.on]
        if link.within is not None or link.relation not in self._sources:
            return False
        if CASE in columns:
            return True
        naming = self._naming(link)
        if naming is None:
            return False
        named = self.plan.relations[naming.kind]
        parent, _ = self._sources.get(here, (kind, None))
        found += (
            Child(parent=parent, kind=naming.kind, column=column, place=named.index(column))
            for column in naming.columns
            if column != CASE
        )
        return True

    def _naming(self, link: Link) -> Naming | None:
        """Where the cases to which a link leads have the name of the case that it comes from."""
        if link.relation in self.kinds:
            (_, column), *more = link.on
            return None if more else self._named(link.relation, column, link.relation, column)
        names = [theirs for own, theirs in link.on if own == CASE]
        rule = next((r for r in self.plan.rules if r.relation.name == link.relation), None)
        if rule is None or len(names) != 1:
            return None
        kind, _ = self._sources[link.relation]
        said = [_said_of_case(p, names[0], kind) for _, p in sorted(rule.variants.items())]
        columns = tuple(dict.fromkeys(name for name in said if name is not None))
        if None in said or self.plan.relations[kind].dated:
            return None
        return self._named(link.relation, names[0], kind, *columns)

    def _named(self, relation: str, name: str, kind: str, *columns: str) -> Naming:
        """Know how rows are found by the case that they name."""
        naming = Naming(name=name, kind=kind, columns=columns)
        return self.naming.setdefault((relation, name), naming)

    def _how_far(self, rule: RulePlan, source: str) -> int:
        over = (r for r in self.plan.rules if source in (r.relation.name, r.collection))
        found = [self._far.get(r.relation.name, _OWN) for r in over]
        for pipeline in rule.variants.values():
            nodes = (node for expr in pipeline.expressions() for node in expr.walk())
            found += [self._how_far_of(node, pipeline.variable) for node in nodes]
        return max(found, default=_OWN)

    def _how_far_of(self, node: Expr, variable: str) -> int:
        if isinstance(node, Follow):
            return _OWN if _names_case(node.reference) else _OTHERS
        if not isinstance(node, Linked):
            return _OWN
        link = self._link_of(node)
        is_own, far = _is_of_case(node.row, variable), self._far.get(link.relation, _OWN)
        if (CASE, CASE) not in link.on:
            names_one = any(theirs == CASE for _, theirs in link.on)
            return _CHILDREN if is_own and not names_one and far == _OWN else _OTHERS
        return far if is_own else _CHILDREN if far == _OWN else _OTHERS

    def _reads_rules(self, rule: RulePlan) -> bool:
        """Whether it reads what rules say of cases that are not its own."""
        return any(
            isinstance(node, Linked)
            and self._link_of(node).relation in self._far
            and not (
                _is_of_case(node.row, pipeline.variable) and (CASE, CASE) in self._link_of(node).on
            )
            for pipeline in rule.variants.values()
            for expr in pipeline.expressions()
            for node in expr.walk()
        )

    def _link_of(self, node: Linked) -> Link:
        return self.plan.relations[_relation(node.row.type)].links[node.link]

    # Whether a rule's rows stay as they are -----------------------------------------------------

    def _growing_columns(self, rule: RulePlan, kind: str, source: Source) -> tuple[int, ...] | None:
        """The places of the case's columns that the rule reads; None where it does not grow."""
        if source.how != "list":
            return None
        names: set[str] = set()
        for pipeline in rule.variants.values():
            clocks = [step for step in pipeline.steps if isinstance(step, Clock)]
            if not all(_begins(clock, pipeline) for clock in clocks):
                return None
            for expr in pipeline.expressions():
                for name in _case_columns(expr, pipeline.variable):
                    if name is None:
                        return None
                    names.add(name)
        case = self.plan.relations[kind]
        if case.dated and names:
            return None
        return tuple(sorted(case.index(name) for name in names))


def _own_sources(kind: KindProgram) -> Iterator[tuple[str, Source]]:
    yield kind.kind, Source(how="case", name=kind.kind)
    for place, name in enumerate(kind.lists):
        yield name, Source(how="list", name=name, place=place)
    for spell in kind.spells:
        yield spell.name, Source(how="spell", name=spell.name)


def _groups_by_case(rule: RulePlan) -> bool:
    """Whether the rule's steps on many rows never look beyond the rows of one case."""
    for pipeline in rule.variants.values():
        for step in pipeline.steps:
            if isinstance(step, Tally):
                return False
            if isinstance(step, Number | Carry):
                keys = [e for e in step.per if isinstance(e, Field) and e.name == CASE]
                if not any(_is_row(key.row, pipeline.variable) for key in keys):
                    return False
    return True


def _is_row(expr: Expr, variable: str) -> bool:
    return isinstance(expr, Variable) and expr.name == variable


def _names_case(reference: Expr) -> bool:
    return isinstance(reference, Field) and reference.name == CASE


def _is_of_case(row: Expr, variable: str) -> bool:
    """Whether a row is the rule's own, or the case that this belongs to."""
    while (
        isinstance(row, Follow) and isinstance(row.reference, Field) and row.reference.name == CASE
    ):
        row = row.reference.row
    return _is_row(row, variable)


def _relation(type_: Type) -> str:
    row = type_.item if isinstance(type_, ListOf) else type_
    return row.relation if isinstance(row, Row) else ""


def _said_of_case(pipeline: Pipeline, column: str, kind: str) -> str | None:
    """The column of its case of a kind from which a rule's row has what stands in a column."""
    said = pipeline.output[column]
    if not isinstance(said, Field):
        return None
    if pipeline.source == kind and _is_row(said.row, pipeline.variable):
        return said.name
    found = list(_case_columns(said, pipeline.variable))
    return found[0] if len(found) == 1 else None


def _begins(clock: Clock, pipeline: Pipeline) -> bool:
    """Whether the clock only asks if the row has begun, which an event that happened has."""
    if clock.lapses_at is not None or clock.excused is not None:
        return False
    start = clock.starts
    if not start == clock.due == clock.met_at:
        return False
    if isinstance(start, Call) and start.op == "date_of":
        start = start.args[0]
    return isinstance(start, Field) and start.name == "at" and _is_row(start.row, pipeline.variable)


def _case_columns(expr: Expr, variable: str) -> Iterator[str | None]:
    """The columns read of the row's own case; None for anything read of other rows."""
    if isinstance(expr, Field) and isinstance(expr.row, Follow):
        reference = expr.row.reference
        if (
            isinstance(reference, Field)
            and reference.name == CASE
            and _is_row(reference.row, variable)
        ):
            yield expr.name
            return
    if isinstance(expr, Follow | Linked) or (isinstance(expr, Fold) and expr.variable == variable):
        yield None
        return
    for child in expr.children():
        yield from _case_columns(child, variable)
