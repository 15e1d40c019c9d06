"""Kinds from YAML: fields, lists, spells, lifecycle; guards are compiled later."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, nearest
from kaocheng.language import codes
from kaocheng.language._types_reader import TYPE_KEYS, read_type
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell, Transition
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
    read,
)
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Reference, Type
from kaocheng.syntax import Mapping, Node, Scalar, Sequence

TAKES: MappingABC[str, Type | None] = {
    "at": INSTANT,
    "date": DATE,
    "last_at": INSTANT,
    "last_date": DATE,
    "actor": None,
    "unit": None,
    "count": INT,
    "flag": BOOL,
}

KIND = Record(
    "a kind",
    "类别",
    (
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", Named(Raw()), "its facts", "事实"),
        Key("lists", Named(Raw()), "its repeated events", "多次发生的事件清单"),
        Key(
            "spells",
            Named(Raw()),
            "its spells, opened by one event and closed by another",
            "起止期间",
        ),
        Key("lifecycle", Raw(), "its states and transitions", "生命周期"),
        Key("dated", Flag(), "whether its fields keep their history", "各项是否保留历史"),
        Key(
            "members",
            Identifier(),
            "the spell during which it is on the roll",
            "据以列入名册的期间",
        ),
    ),
)

LIST = Record(
    "a list",
    "清单",
    (
        Key(
            "event",
            Many(Identifier(), or_one=True),
            "the events it lists",
            "所列事件",
            required=True,
        ),
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", Named(Raw()), "what each event carries", "事件所带各项"),
    ),
)

SPELL = Record(
    "a spell",
    "期间",
    (
        Key(
            "opens",
            Many(Identifier(), or_one=True),
            "the events that open it",
            "起始事件",
            required=True,
        ),
        Key(
            "closes",
            Many(Identifier(), or_one=True),
            "the events that close it",
            "终止事件",
            required=True,
        ),
        Key(
            "match", Identifier(), "the field that pairs a closing with its opening", "据以配对的项"
        ),
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", Named(Raw()), "what the opening carries", "起始事件所带各项"),
    ),
)

TRANSITION = Record(
    "a transition",
    "流转",
    (
        Key("from", Raw(), "the states it leads from", "起始状态", required=True),
        Key("to", Identifier(), "the state it leads to; without it the state stays", "到达状态"),
        Key("by", Many(Identifier(), or_one=True), "the roles that may", "可办理的角色"),
        Key("when", Expression("true or false"), "the guard", "条件"),
        Key("repeats", Flag(), "whether it may happen again", "可否重复"),
        Key("title", TITLES, "what people call it", "名称"),
        Key("clause", Text(), "the clause it comes from", "出处条款"),
    ),
)

_LIFECYCLE_KEYS = ("initial", "final", "states")


@frozen(kw_only=True)
class Guard:
    """A guard that waits for the front end: whose transition it is, and its scalar."""

    kind: str
    index: int
    scalar: Scalar


@frozen(kw_only=True)
class KindsRead:
    """Kinds with guards still to compile."""

    kinds: MappingABC[str, Kind]
    guards: tuple[Guard, ...]
    final: MappingABC[str, tuple[str, ...]]
    nodes: MappingABC[str, Fields]


def read_kinds(node: Node | None, diagnostics: Diagnostics) -> KindsRead:
    """All kinds of a version."""
    if not isinstance(node, Mapping):
        return KindsRead(kinds={}, guards=(), final={}, nodes={})
    names = [entry.key.text for entry in node.entries]
    kinds: dict[str, Kind] = {}
    guards: list[Guard] = []
    final: dict[str, tuple[str, ...]] = {}
    nodes: dict[str, Fields] = {}
    for entry in node.entries:
        fields = read(KIND, entry.value, diagnostics, key=entry.key.text)
        if not isinstance(fields, Fields):
            continue
        name = entry.key.text
        reader = _Reader(name, names, diagnostics)
        kinds[name] = reader.kind(fields)
        guards.extend(reader.guards)
        final[name] = reader.final
        nodes[name] = fields
    return KindsRead(kinds=kinds, guards=tuple(guards), final=final, nodes=nodes)


class _Reader:
    """Reads one kind."""

    def __init__(self, name: str, kinds: Iterable[str], diagnostics: Diagnostics) -> None:
        self.name = name
        self.kinds = tuple(kinds)
        self.diagnostics = diagnostics
        self.guards: list[Guard] = []
        self.final: tuple[str, ...] = ()

    def kind(self, fields: Fields) -> Kind:
        """The kind."""
        return Kind(
            name=self.name,
            titles=titles(fields),
            fields=self.facts(fields, self.name),
            lists=self.lists(fields),
            spells=self.spells(fields),
            lifecycle=self.lifecycle(fields.nodes.get("lifecycle")),
            dated=fields.get("dated") is True,
            member=fields.text("members") or None,
        )

    def facts(self, fields: Fields, prefix: str) -> tuple[Fact, ...]:
        """The facts under `fields:`."""
        declared = fields.get("fields")
        if not isinstance(declared, dict):
            return ()
        facts = (self.fact(name, node, prefix) for name, node in declared.items())
        return tuple(fact for fact in facts if fact is not None)

    def fact(self, name: str, node: Node, prefix: str) -> Fact | None:
        """One fact: a type, or what it takes from which events."""
        take = "data"
        events: tuple[str, ...] = ()
        title: MappingABC[str, str] = {}
        if isinstance(node, Mapping):
            self._known_keys(node)
            title = self._titles(node)
            events = self._names(node.get("event"))
            for entry in node.entries:
                if entry.key.text in TAKES:
                    take, events = entry.key.text, self._names(entry.value)
        if take == "data":
            type_ = read_type(node, f"{prefix}.{name}", self.kinds, self.diagnostics)
        else:
            type_ = TAKES[take] or self._who(take)
        if type_ is None:
            return None
        return Fact(name=name, type=type_, take=take, events=events, titles=title, span=node.span)

    def _who(self, take: str) -> Type:
        kind = "person" if take == "actor" else "unit"
        return Reference(kind) if kind in self.kinds else STRING

    def _known_keys(self, node: Mapping) -> None:
        known = (*TYPE_KEYS, *TAKES, "event", "title")
        for entry in node.entries:
            if entry.key.text not in known:
                self.diagnostics.add(
                    codes.UNKNOWN_KEY,
                    entry.key.span,
                    seen=entry.key.text,
                    place="a field",
                    suggestion=nearest(entry.key.text, known),
                    known=", ".join(f"`{k}`" for k in known),
                )

    def _titles(self, node: Mapping) -> MappingABC[str, str]:
        title = node.get("title")
        read_title = None if title is None else read(TITLES, title, self.diagnostics, key="title")
        return _texts(read_title)

    def _names(self, node: Node | None) -> tuple[str, ...]:
        if isinstance(node, Scalar):
            return (node.text,)
        if isinstance(node, Sequence):
            return tuple(item.text for item in node.items if isinstance(item, Scalar))
        return ()

    def lists(self, fields: Fields) -> tuple[EventList, ...]:
        """The lists of the kind."""
        found = []
        for name, node in _named(fields, "lists"):
            read_list = read(LIST, node, self.diagnostics, key=name)
            if isinstance(read_list, Fields):
                events = tuple(str(e) for e in _tuple(read_list.get("event")))
                facts = self.facts(read_list, f"{self.name}.{name}")
                found.append(
                    EventList(name=name, events=events, fields=facts, titles=titles(read_list))
                )
        return tuple(found)

    def spells(self, fields: Fields) -> tuple[Spell, ...]:
        """The spells of the kind."""
        found = []
        for name, node in _named(fields, "spells"):
            spell = read(SPELL, node, self.diagnostics, key=name)
            if isinstance(spell, Fields):
                found.append(
                    Spell(
                        name=name,
                        opens=tuple(str(e) for e in _tuple(spell.get("opens"))),
                        closes=tuple(str(e) for e in _tuple(spell.get("closes"))),
                        fields=self.facts(spell, f"{self.name}.{name}"),
                        match=spell.text("match") or None,
                        titles=titles(spell),
                    )
                )
        return tuple(found)

    def lifecycle(self, node: Node | None) -> Lifecycle | None:
        """States and transitions; graph checks come with `checks`."""
        if not isinstance(node, Mapping):
            return None
        states, state_titles = self._states(node.get("states"))
        initial_node = node.get("initial")
        initial = (
            initial_node.text if isinstance(initial_node, Scalar) else (states[0] if states else "")
        )
        for key in ("initial", "states"):
            if node.get(key) is None:
                self.diagnostics.add(codes.MISSING_KEY, node.span, place="a lifecycle", key=key)
        if initial_node is not None:
            self._state(initial_node, states)
        final_node = node.get("final")
        self.final = self._names(final_node)
        if isinstance(final_node, Sequence):
            for item in final_node.items:
                self._state(item, states)
        raw = [
            (e.key.text, part)
            for e in node.entries
            if e.key.text not in _LIFECYCLE_KEYS
            for part in (e.value.items if isinstance(e.value, Sequence) else (e.value,))
        ]
        records = [
            (event, read(TRANSITION, part, self.diagnostics, key=event)) for event, part in raw
        ]
        pairs = [(event, record) for event, record in records if isinstance(record, Fields)]
        graph = {
            s: {r.text("to", s) for _, r in pairs if s in self._literal_sources(r, states)}
            for s in states
        }
        transitions = []
        for index, (event, record) in enumerate(pairs):
            if "to" in record:
                self._state(record.nodes["to"], states)
            when = record.get("when")
            if isinstance(when, Scalar):
                self.guards.append(Guard(kind=self.name, index=index, scalar=when))
            transitions.append(
                Transition(
                    event=event,
                    sources=self._sources(record.nodes.get("from"), states, graph),
                    target=record.text("to") or None,
                    by=tuple(str(r) for r in _tuple(record.get("by"))),
                    repeats=record.get("repeats") is True,
                    titles=titles(record),
                    clause=record.text("clause"),
                    span=record.span,
                )
            )
        return Lifecycle(
            initial=initial, states=states, transitions=tuple(transitions), titles=state_titles
        )

    def _states(
        self, node: Node | None
    ) -> tuple[tuple[str, ...], MappingABC[str, MappingABC[str, str]]]:
        if isinstance(node, Mapping):
            texts = {
                e.key.text: _texts(read(TITLES, e.value, self.diagnostics, key=e.key.text))
                for e in node.entries
            }
            return tuple(texts), texts
        return self._names(node), {}

    def _state(self, node: Node, states: tuple[str, ...]) -> None:
        if isinstance(node, Scalar) and node.text not in states:
            self.diagnostics.add(
                codes.UNKNOWN_STATE,
                node.span,
                seen=node.text,
                kind=self.name,
                suggestion=nearest(node.text, states),
            )

    def _literal_sources(self, record: Fields, states: tuple[str, ...]) -> tuple[str, ...]:
        node = record.nodes.get("from")
        if isinstance(node, Scalar) and node.text == "any":
            return states
        return self._names(node)

    def _sources(
        self, node: Node | None, states: tuple[str, ...], graph: MappingABC[str, set[str]]
    ) -> tuple[str, ...]:
        if isinstance(node, Scalar) and node.text == "any":
            return states
        if isinstance(node, Mapping):
            after = node.get("after")
            if isinstance(after, Scalar) and len(node.entries) == 1:
                self._state(after, states)
                return tuple(s for s in states if s in _reach(after.text, graph))
            self.diagnostics.add(
                codes.WRONG_SHAPE,
                node.span,
                key="from",
                wanted="a state, a list of states, `any` or `{after: STATE}`",
                wanted_zh="状态、状态清单、`any` 或 `{after: 状态}`",
                seen="another mapping",
                seen_zh="其他键值",
            )
            return ()
        for item in node.items if isinstance(node, Sequence) else (node,):
            if item is not None:
                self._state(item, states)
        return self._names(node)


def _reach(state: str, graph: MappingABC[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [state]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo.extend(graph.get(current, ()))
    return seen


def titles(fields: Fields) -> MappingABC[str, str]:
    """The titles of a record, by language."""
    return _texts(fields.get("title"))


def _texts(value: object) -> MappingABC[str, str]:
    return {k: str(v) for k, v in value.values.items()} if isinstance(value, Fields) else {}


def _named(fields: Fields, key: str) -> list[tuple[str, Node]]:
    value = fields.get(key)
    return list(value.items()) if isinstance(value, dict) else []


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
