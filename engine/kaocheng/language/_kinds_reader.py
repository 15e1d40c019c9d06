"""Kinds from YAML: fields, lists, spells and lifecycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingABC

from attrs import field, frozen

from kaocheng.diagnostics import Diagnostics, Span, nearest
from kaocheng.language import codes, declaration_codes
from kaocheng.language._lifecycle_reader import LIFECYCLE, TRANSITION, LifecycleRead, read_lifecycle
from kaocheng.language._names import Names
from kaocheng.language._readers_reader import READER, conditions, read_readers
from kaocheng.language._types_reader import TYPE, TYPE_KEYS, read_type
from kaocheng.language.ruleset import EventList, Fact, Kind, Lifecycle, Spell
from kaocheng.language.shapes import (
    TITLES,
    Fields,
    Flag,
    Identifier,
    Key,
    Many,
    Named,
    Raw,
    Record,
    listed,
    named_entries,
    place_of,
    read,
    texts,
    wrong_shape,
)
from kaocheng.language.types import BOOL, DATE, INSTANT, INT, STRING, Reference, Type
from kaocheng.syntax import Mapping, Node, Scalar, Sequence
from kaocheng.syntax.quoting import shown

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
_EVENTS = Many(Identifier(), or_one=True)

FIELD = Record(
    "a field",
    "事实",
    (
        *TYPE.keys,
        Key("event", _EVENTS, "only these events give it", "仅取自这些事件"),
        Key("at", _EVENTS, "the instant of the first such event", "首次发生的时刻"),
        Key("date", _EVENTS, "the local date of the first such event", "首次发生的日期"),
        Key("last_at", _EVENTS, "the instant of the last such event", "末次发生的时刻"),
        Key("last_date", _EVENTS, "the local date of the last such event", "末次发生的日期"),
        Key("actor", _EVENTS, "who acted in the first such event", "首次办理人"),
        Key("unit", _EVENTS, "the unit acted for in the first such event", "首次办理单位"),
        Key("count", _EVENTS, "how many such events there were, from 0", "发生次数"),
        Key("flag", _EVENTS, "whether there was such an event", "是否发生过"),
        Key("title", TITLES, "what people call it", "名称"),
    ),
)
_FACTS = Named(Raw("its type, or what it takes from events", parts=(FIELD,)), identifiers=True)

LIST = Record(
    "a list",
    "清单",
    (
        Key("event", _EVENTS, "the events it lists", "所列事件", required=True),
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", _FACTS, "what each event carries", "事件所带各项"),
    ),
)

SPELL = Record(
    "a spell",
    "期间",
    (
        Key("opens", _EVENTS, "the events that open it", "起始事件", required=True),
        Key("closes", _EVENTS, "the events that close it", "终止事件", required=True),
        Key(
            "match", Identifier(), "the field that pairs a closing with its opening", "据以配对的项"
        ),
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", _FACTS, "what the opening carries", "起始事件所带各项"),
    ),
)

KIND = Record(
    "a kind",
    "类别",
    (
        Key("title", TITLES, "what people call it", "名称"),
        Key("fields", _FACTS, "its facts", "事实"),
        Key("lists", Named(LIST, identifiers=True), "its repeated events", "多次发生的事件清单"),
        Key(
            "spells",
            Named(SPELL, identifiers=True),
            "its spells, opened by one event and closed by another",
            "起止期间",
        ),
        Key(
            "lifecycle",
            Raw("states and transitions", parts=(LIFECYCLE, TRANSITION)),
            "its states and transitions",
            "生命周期",
        ),
        Key(
            "readers", Many(READER), "who may read it; nobody else may", "可查阅者，其他人不得查阅"
        ),
        Key("dated", Flag(), "whether its fields keep their history", "各项是否保留历史"),
        Key(
            "members",
            Identifier(),
            "the spell during which it is on the roll",
            "据以列入名册的期间",
        ),
    ),
)

# Columns that rows have of themselves, which no field may be called like.
_CASE_COLUMNS = ("case",)
_LIST_COLUMNS = ("case", "sequence", "at", "recorded_at", "actor", "unit")
_SPELL_COLUMNS = ("case", "sequence", "from", "until")


@frozen(kw_only=True)
class KindsRead:
    """Kinds whose lifecycles and readers have conditions still to compile."""

    kinds: MappingABC[str, Kind]
    lifecycles: MappingABC[str, LifecycleRead] = field(factory=dict)
    readers: MappingABC[str, tuple[tuple[int, Scalar], ...]] = field(factory=dict)


def read_kinds(node: Node | None, names: Names, diagnostics: Diagnostics) -> KindsRead:
    """All kinds of a version; `names` are those that kinds may not have, and then theirs too."""
    entries = tuple(named_entries(node, diagnostics, key="kinds"))
    known = [key.text for key, _ in entries]
    kinds: dict[str, Kind] = {}
    lifecycles: dict[str, LifecycleRead] = {}
    readers: dict[str, tuple[tuple[int, Scalar], ...]] = {}
    for key, value in entries:
        names.claim(key.text, key.span, ("a kind", "类别"))
        fields = read(KIND, value, diagnostics, key=key.text)
        if not isinstance(fields, Fields):
            continue
        lifecycle = read_lifecycle(key.text, fields.nodes.get("lifecycle"), diagnostics)
        if lifecycle is not None:
            lifecycles[key.text] = lifecycle
        reader = _Reader(key.text, known, lifecycle, diagnostics)
        kinds[key.text] = reader.kind(fields)
        readers[key.text] = tuple(conditions(fields))
    return KindsRead(kinds=kinds, lifecycles=lifecycles, readers=readers)


class _Reader:
    """Reads one kind."""

    def __init__(
        self,
        name: str,
        kinds: Iterable[str],
        lifecycle: LifecycleRead | None,
        diagnostics: Diagnostics,
    ) -> None:
        self._name = name
        self._kinds = tuple(kinds)
        self._lifecycle: Lifecycle | None = None if lifecycle is None else lifecycle.lifecycle
        self._checks_events = lifecycle is not None and lifecycle.is_sound
        self._diagnostics = diagnostics

    def kind(self, fields: Fields) -> Kind:
        """The kind."""
        names = Names(self._diagnostics)
        names.reserve(_CASE_COLUMNS, ("a column that every case has", "各事项均有的栏目"))
        if self._lifecycle is not None:
            names.reserve(("state",), ("the state of a case", "事项的状态"))
        if fields.get("dated") is True:
            names.reserve(("from_at",), ("the time that fields are dated from", "各项的起始时间"))
        if "members" in fields:
            names.reserve(("period",), ("the period of a roll", "名册的周期"))
        facts = self._facts(fields, self._name)
        self._claim(fields, "fields", names, ("a field", "项"))
        self._claim(fields, "lists", names, ("a list", "清单"))
        self._claim(fields, "spells", names, ("a spell", "期间"))
        spells = tuple(self._spells(fields))
        return Kind(
            name=self._name,
            titles=texts(fields.get("title")),
            fields=facts,
            lists=tuple(self._lists(fields)),
            spells=spells,
            lifecycle=self._lifecycle,
            readers=read_readers(fields),
            dated=fields.get("dated") is True,
            member=self._member(fields, spells),
        )

    def _claim(self, fields: Fields, key: str, names: Names, what: tuple[str, str]) -> None:
        for name, span in fields.names(key).items():
            names.claim(name, span, what)

    def _member(self, fields: Fields, spells: Iterable[Spell]) -> str | None:
        name = fields.text("members")
        known = [spell.name for spell in spells]
        if name and name not in known:
            self._unknown_spell(name, fields.at("members"), known)
            return None
        return name or None

    def _unknown_spell(self, name: str, span: Span, known: list[str]) -> None:
        hint = nearest(name, known)
        self._diagnostics.add(
            declaration_codes.UNKNOWN_SPELL, span, seen=name, kind=self._name, suggestion=hint
        )

    def _facts(self, fields: Fields, prefix: str) -> tuple[Fact, ...]:
        """The facts under `fields:`."""
        declared = fields.get("fields")
        items = declared.items() if isinstance(declared, dict) else ()
        facts = (self._fact(name, node, prefix) for name, node in items)
        return tuple(fact for fact in facts if fact is not None)

    def _fact(self, name: str, node: Node, prefix: str) -> Fact | None:
        """One fact: a type, or what it takes from which events."""
        path = f"{prefix}.{name}"
        if isinstance(node, Scalar):
            type_ = read_type(node, path, self._kinds, self._diagnostics)
            return None if type_ is None else Fact(name=name, type=type_, span=node.span)
        if not isinstance(node, Mapping):
            wanted = ("a type, or what it takes from events", "类型，或取自事件的内容")
            wrong_shape(node, self._diagnostics, place=place_of(name), wanted=wanted)
            return None
        fields = read(FIELD, node, self._diagnostics, key=name)
        if not isinstance(fields, Fields):
            return None
        form = self._form(fields)
        if form is None:
            return None
        if form in TAKES:
            type_ = TAKES[form] or self._who(form)
        else:
            type_ = read_type(node, path, self._kinds, self._diagnostics)
        if type_ is None:
            return None
        key = form if form in TAKES else "event"
        self._check_events(fields.nodes.get(key))
        return Fact(
            name=name,
            type=type_,
            take=form if form in TAKES else "data",
            events=_names(fields.get(key)),
            titles=texts(fields.get("title")),
            span=node.span,
        )

    def _form(self, fields: Fields) -> str | None:
        """The one key that says what the field is."""
        forms = (*TYPE_KEYS, *TAKES)
        given = [name for name in forms if name in fields.nodes]
        if len(given) != 1:
            place = {"place": FIELD.name, "place_zh": FIELD.zh}
            span = fields.keys[given[1]] if given else fields.span
            self._diagnostics.add(codes.EXACTLY_ONE, span, words={**place, **listed(forms, "keys")})
            return None
        if given[0] in TAKES and "event" in fields.nodes:
            self._diagnostics.add(
                codes.NOT_TOGETHER,
                fields.keys["event"],
                key="event",
                other=given[0],
                way_out=f"write the event behind `{given[0]}:`",
                way_out_zh=f"请把事件写在 `{given[0]}:` 之后",
            )
        return given[0]

    def _who(self, take: str) -> Type:
        kind = "person" if take == "actor" else "unit"
        return Reference(kind) if kind in self._kinds else STRING

    def _check_events(self, node: Node | None) -> None:
        """Where there is a lifecycle, an event that is not in it never happens."""
        if self._lifecycle is None or not self._checks_events:
            return
        known = list(dict.fromkeys(t.event for t in self._lifecycle.transitions))
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and not item.is_blank and item.text not in known:
                self._diagnostics.add(
                    declaration_codes.UNKNOWN_EVENT,
                    item.span,
                    seen=shown(item.text),
                    kind=self._name,
                    suggestion=nearest(item.text, known),
                    words=listed(known),
                )

    def _lists(self, fields: Fields) -> Iterator[EventList]:
        for name, declared in _named(fields, "lists"):
            self._check_events(declared.nodes.get("event"))
            self._claim_columns(
                declared, _LIST_COLUMNS, ("a column that every list has", "各清单均有的栏目")
            )
            yield EventList(
                name=name,
                events=_names(declared.get("event")),
                fields=self._facts(declared, f"{self._name}.{name}"),
                titles=texts(declared.get("title")),
            )

    def _claim_columns(
        self, declared: Fields, columns: Iterable[str], what: tuple[str, str]
    ) -> None:
        names = Names(self._diagnostics)
        names.reserve(columns, what)
        self._claim(declared, "fields", names, ("a field", "项"))

    def _spells(self, fields: Fields) -> Iterator[Spell]:
        for name, declared in _named(fields, "spells"):
            self._check_events(declared.nodes.get("opens"))
            self._check_events(declared.nodes.get("closes"))
            self._claim_columns(
                declared, _SPELL_COLUMNS, ("a column that every spell has", "各期间均有的栏目")
            )
            facts = self._facts(declared, f"{self._name}.{name}")
            yield Spell(
                name=name,
                opens=_names(declared.get("opens")),
                closes=_names(declared.get("closes")),
                fields=facts,
                match=self._match(name, declared, facts),
                titles=texts(declared.get("title")),
            )

    def _match(self, spell: str, declared: Fields, facts: Iterable[Fact]) -> str | None:
        name = declared.text("match")
        known = [fact.name for fact in facts if fact.take == "data"]
        if not name or name in known:
            return name or None
        self._diagnostics.add(
            codes.WRONG_FIELD,
            declared.at("match"),
            seen=name,
            kind=f"{self._name}.{spell}",
            suggestion=nearest(name, known),
            words=listed(known),
        )
        return None


def _named(fields: Fields, key: str) -> Iterator[tuple[str, Fields]]:
    value = fields.get(key)
    for name, declared in value.items() if isinstance(value, dict) else ():
        if isinstance(declared, Fields):
            yield name, declared


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, tuple) else ()
