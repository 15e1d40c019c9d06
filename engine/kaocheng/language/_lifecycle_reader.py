"""Lifecycles from YAML: states and transitions; guards are compiled later."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Label, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language.graph import reachable
from kaocheng.language.ruleset import Lifecycle, Transition
from kaocheng.language.shapes import (
    TITLES,
    Expression,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Raw,
    Record,
    Text,
    listed,
    missing_key,
    place_of,
    read,
    texts,
    unknown_key,
    wrong_shape,
)
from kaocheng.syntax import Entry, Mapping, Node, Scalar, Sequence, as_identifier
from kaocheng.syntax.quoting import shown

TRANSITION = Record(
    "a transition",
    "流转",
    (
        Key(
            "from",
            Raw("a state, a list of states, `any`, or `{after: STATE}`"),
            "the states it leads from",
            "起始状态",
            required=True,
        ),
        Key("to", Identifier(), "the state it leads to; without it the state stays", "到达状态"),
        Key("by", Many(Identifier(), or_one=True), "the roles that may", "可办理的角色"),
        Key("when", Expression("true or false"), "the guard", "条件"),
        Key("repeats", Flag(), "whether it may happen again", "可否重复"),
        Key("title", TITLES, "what people call it", "名称"),
        Key("clause", Text(), "the clause it comes from", "出处条款"),
    ),
)
LIFECYCLE = Record(
    "a lifecycle",
    "生命周期",
    (
        Key("initial", Identifier(), "the state before the first event", "初始状态", required=True),
        Key("states", Named(TITLES), "the states with their titles", "状态及名称", required=True),
        Key(
            "final",
            Many(Identifier(), or_one=True),
            "the states in which nothing more is due",
            "终结状态",
        ),
    ),
)
_KEYS = tuple(key.name for key in LIFECYCLE.keys)
_FROM = (
    "a state, a list of states, `any`, or `{after: STATE}`",
    "状态、状态清单、`any` 或 `{after: 状态}`",
)


@frozen(kw_only=True)
class Guard:
    """A guard that waits for the front end: whose transition it is, and its scalar."""

    kind: str
    index: int
    scalar: Scalar


@frozen(kw_only=True)
class LifecycleRead:
    """A lifecycle with guards still to compile, and where its states stand.

    One that is not sound has been reported; what else could be said of it would only repeat that.
    """

    lifecycle: Lifecycle
    guards: tuple[Guard, ...]
    final: tuple[str, ...]
    states: MappingABC[str, Span]
    is_sound: bool


@frozen(kw_only=True)
class _Way:
    """One transition as written: its event, its record, and the states it leads from."""

    event: str
    record: Fields
    sources: tuple[str, ...]

    @property
    def target(self) -> str | None:
        """The state it leads to, or None where the state stays."""
        return self.record.text("to") or None

    @property
    def span(self) -> Span:
        """Where it says where it leads."""
        return self.record.at("to")


def read_lifecycle(kind: str, node: Node | None, diagnostics: Diagnostics) -> LifecycleRead | None:
    """The lifecycle of a kind, or None where it has none that can be read."""
    if node is None or (isinstance(node, Scalar) and node.is_blank):
        return None
    if not isinstance(node, Mapping):
        wanted = ("states and transitions", "状态和流转")
        wrong_shape(node, diagnostics, place=place_of("lifecycle"), wanted=wanted)
        return None
    return _Reader(kind, node, diagnostics).read()


class _Reader:
    """Reads one lifecycle."""

    def __init__(self, kind: str, node: Mapping, diagnostics: Diagnostics) -> None:
        self._kind = kind
        self._node = node
        self._diagnostics = diagnostics
        self._before = len(diagnostics)
        self._titles: dict[str, MappingABC[str, str]] = {}
        self._states: dict[str, Span] = {}

    def read(self) -> LifecycleRead:
        """All of it."""
        for key in LIFECYCLE.keys:
            if key.required and self._node.get(key.name) is None:
                missing_key(self._node.span, LIFECYCLE, key.name, self._diagnostics)
        self._read_states(self._node.get("states"))
        final = self._named_states("final")
        initial = self._named_states("initial")
        ways = self._ways()
        self._check_targets(ways)
        transitions = tuple(_transition(way) for way in ways)
        lifecycle = Lifecycle(
            initial=initial[0] if initial else next(iter(self._states), ""),
            states=tuple(self._states),
            transitions=transitions,
            titles=self._titles,
        )
        return LifecycleRead(
            lifecycle=lifecycle,
            guards=tuple(self._guards(ways)),
            final=final,
            states=self._states,
            is_sound=len(self._diagnostics) == self._before,
        )

    def _read_states(self, node: Node | None) -> None:
        if isinstance(node, Mapping):
            for entry in node.entries:
                if as_identifier(entry.key, self._diagnostics) is not None:
                    name = entry.key.text
                    self._states[name] = entry.key.span
                    title = read(TITLES, entry.value, self._diagnostics, key=name)
                    self._titles[name] = texts(title)
        elif isinstance(node, Sequence):
            for item in node.items:
                self._add_state(item)
        elif node is not None and not node.is_blank:
            wanted = (
                "the states with their titles, or a list of states",
                "状态及其名称，或状态清单",
            )
            wrong_shape(node, self._diagnostics, place=place_of("states"), wanted=wanted)

    def _add_state(self, item: Node) -> None:
        if not isinstance(item, Scalar):
            place = place_of("states", in_list=True)
            wrong_shape(item, self._diagnostics, place=place, wanted=("a name", "名称"))
        elif item.text in self._states:
            seen = shown(item.text)
            self._diagnostics.add(codes.DUPLICATE_VALUE, item.span, seen=seen, key="states")
        elif as_identifier(item, self._diagnostics) is not None:
            self._states[item.text] = item.span

    def _named_states(self, key: str) -> tuple[str, ...]:
        """The states under `initial` or `final`."""
        shape = LIFECYCLE.key(key)
        node = self._node.get(key)
        if node is None or shape is None:
            return ()
        value = read(shape.shape, node, self._diagnostics, key=key)
        for item in node.items if isinstance(node, Sequence) else (node,):
            self._known(item)
        names = value if isinstance(value, tuple) else (value,)
        return tuple(name for name in names if isinstance(name, str))

    def _known(self, node: Node) -> None:
        if not self._states:
            return
        if isinstance(node, Scalar) and not node.is_blank and node.text not in self._states:
            self._diagnostics.add(
                declaration_codes.UNKNOWN_STATE,
                node.span,
                seen=shown(node.text),
                kind=self._kind,
                suggestion=nearest(node.text, self._states),
                words=listed(self._states),
            )

    def _ways(self) -> tuple[_Way, ...]:
        records = tuple(self._records())
        graph = self._graph([record for _, record in records])
        for _, record in records:
            if "to" in record:
                self._known(record.nodes["to"])
        return tuple(
            _Way(event=event, record=record, sources=self._sources(record.nodes.get("from"), graph))
            for event, record in records
        )

    def _graph(self, records: Iterable[Fields]) -> dict[str, set[str]]:
        """State to states by any transition: those that lead from all that follow a state, too."""
        graph: dict[str, set[str]] = {state: set() for state in self._states}
        behind: dict[str, set[str]] = {}
        for record in records:
            node = record.nodes.get("from")
            for source in self._literal_sources(node):
                graph.setdefault(source, set()).add(record.text("to", source))
            after = node.get("after") if isinstance(node, Mapping) else None
            if isinstance(after, Scalar) and "to" in record:
                behind.setdefault(after.text, set()).add(record.text("to"))
        more = True
        while more:  # what follows one of the states may follow another by way of it
            new = [_lead_on(graph, state, targets) for state, targets in behind.items()]
            more = any(new)
        return graph

    def _records(self) -> Iterable[tuple[str, Fields]]:
        for entry in self._node.entries:
            if entry.key.text in _KEYS:
                continue
            if _is_slip(entry):
                unknown_key(entry.key, LIFECYCLE, self._diagnostics)
                continue
            if as_identifier(entry.key, self._diagnostics) is None:
                continue
            value = entry.value
            for part in value.items if isinstance(value, Sequence) else (value,):
                record = read(TRANSITION, part, self._diagnostics, key=entry.key.text)
                if isinstance(record, Fields):
                    yield entry.key.text, record

    def _literal_sources(self, node: Node | None) -> tuple[str, ...]:
        """The states that are written out."""
        if isinstance(node, Scalar):
            return tuple(self._states) if node.text == "any" else (node.text,)
        items = node.items if isinstance(node, Sequence) else ()
        return tuple(item.text for item in items if isinstance(item, Scalar))

    def _sources(self, node: Node | None, graph: MappingABC[str, Iterable[str]]) -> tuple[str, ...]:
        if isinstance(node, Mapping):
            after = node.get("after")
            if isinstance(after, Scalar) and len(node.entries) == 1:
                self._known(after)
                found = reachable([after.text], graph)
                return tuple(state for state in self._states if state in found)
            seen = ("another mapping", "其他键值")
            wrong_shape(node, self._diagnostics, place=place_of("from"), wanted=_FROM, seen=seen)
            return ()
        if not (isinstance(node, Scalar) and node.text == "any"):
            for item in node.items if isinstance(node, Sequence) else (node,):
                if isinstance(item, Scalar):
                    self._known(item)
                elif item is not None:
                    place = place_of("from", in_list=True)
                    wrong_shape(item, self._diagnostics, place=place, wanted=("a state", "状态"))
        return tuple(dict.fromkeys(self._literal_sources(node)))

    def _check_targets(self, ways: Iterable[_Way]) -> None:
        """One event leads from one state to one state, whatever the guards say."""
        known: dict[tuple[str, str], _Way] = {}
        for way in ways:
            for source in way.sources:
                first = known.setdefault((way.event, source), way)
                before, after = first.target or source, way.target or source
                if before != after:
                    label = Label(first.span, f"here to `{before}`", f"此处到 `{before}`")
                    self._diagnostics.add(
                        declaration_codes.TWO_TARGETS,
                        way.span,
                        labels=(label,),
                        event=way.event,
                        state=source,
                        first=before,
                        second=after,
                    )

    def _guards(self, ways: Iterable[_Way]) -> Iterable[Guard]:
        for index, way in enumerate(ways):
            when = way.record.get("when")
            if isinstance(when, Scalar):
                yield Guard(kind=self._kind, index=index, scalar=when)


def _lead_on(graph: dict[str, set[str]], state: str, targets: set[str]) -> bool:
    """Let every state that can follow one lead to the targets; whether that was new."""
    missing = [at for at in reachable([state], graph) if not targets <= graph.setdefault(at, set())]
    for at in missing:
        graph[at] |= targets
    return bool(missing)


def _is_slip(entry: Entry) -> bool:
    """Whether the key is more likely a key of lifecycles than an event."""
    value = entry.value
    parts = value.items if isinstance(value, Sequence) else (value,)
    is_transition = any(isinstance(part, Mapping) and part.get("from") for part in parts)
    return not is_transition and nearest(entry.key.text, _KEYS) is not None


def _transition(way: _Way) -> Transition:
    record = way.record
    by = record.get("by")
    return Transition(
        event=way.event,
        sources=way.sources,
        target=way.target,
        by=tuple(str(role) for role in by) if isinstance(by, tuple) else (),
        repeats=record.get("repeats") is True,
        titles=texts(record.get("title")),
        clause=record.text("clause"),
        span=record.span,
    )
