"""A checked ruleset: frozen values, typed expressions, no YAML and no CEL past this point."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.periods import PeriodSpec
from kaocheng.diagnostics import Span
from kaocheng.language.expressions import NOWHERE, Expr
from kaocheng.language.types import Type
from kaocheng.plan.algebra import Plan, TableRows, Window
from kaocheng.plan.properties import Property


@frozen(kw_only=True)
class Fact:
    """A field of a kind, a list or a spell, and how it is folded from events.

    `take` says what is taken, and from which `events` (empty: any event):

    | take | value |
    | --- | --- |
    | `data` | the event data of the same name; the latest event by `at` that carries it wins |
    | `at` | the instant of the first such event; never when there is none |
    | `date` | the local date of the first such event; never when there is none |
    | `last_at`, `last_date` | the same of the last such event |
    | `actor`, `unit` | who acted in the first such event, and for which unit |
    | `count` | how many such events, from 0 |
    | `flag` | whether there was one |

    Data that an event should carry and does not is unknown. The JSON string `"never"` in
    the data of a date or instant means that it has not happened.
    """

    name: str
    type: Type
    take: str = "data"
    events: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(factory=dict)
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class EventList:
    """A list of a kind: one row per event of `events`.

    Its columns are `case`, `sequence`, `at`, `recorded_at`, `actor`, `unit` and the declared
    fields from the event's data.
    """

    name: str
    events: tuple[str, ...]
    fields: tuple[Fact, ...]
    titles: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Spell:
    """A list of spells of a kind: opened by one event, closed by the next of another.

    One row per opening: `case`, `sequence` (of the opening), `from`, `until` (instants,
    never while open) and the declared fields from the opening's data. With `match`, a
    closing event closes the open spell whose field of that name it carries.
    """

    name: str
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    fields: tuple[Fact, ...] = ()
    match: str | None = None
    titles: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Transition:
    """One arrow of a lifecycle. `target` None keeps the state. Repeated only with `repeats`."""

    event: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...] = ()
    when: Expr | None = None
    repeats: bool = False
    titles: Mapping[str, str] = field(factory=dict)
    clause: str = ""
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Lifecycle:
    """States, the initial one, and transitions; guards see the case row and `actor`."""

    initial: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    titles: Mapping[str, Mapping[str, str]] = field(factory=dict)


@frozen(kw_only=True)
class Reader:
    """Whom a case may be read by: those with one of the roles, where the condition holds.

    Without roles it is about everybody. One that is `barred` bars from reading instead,
    whatever else permits it. The condition sees the case row and `actor`.
    """

    by: tuple[str, ...] = ()
    when: Expr | None = None
    barred: bool = False
    titles: Mapping[str, str] = field(factory=dict)
    clause: str = ""
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Kind:
    """A kind of case. `dated` keeps its fields' history; `member` names the spell of its roll."""

    name: str
    fields: tuple[Fact, ...]
    lists: tuple[EventList, ...] = ()
    spells: tuple[Spell, ...] = ()
    lifecycle: Lifecycle | None = None
    readers: tuple[Reader, ...] = ()
    dated: bool = False
    member: str | None = None
    titles: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Assumption:
    """A number or reading that the text does not give: what it is, and the reason by language."""

    subject: str
    reasons: Mapping[str, str]


@frozen(kw_only=True)
class RuleText:
    """What people need of a rule: its titles, its clause, its source, and what was assumed.

    `findings` are the titles of the kinds of finding that it names itself.
    """

    id: str
    section: str
    titles: Mapping[str, str]
    clause: str = ""
    cite: str = ""
    assumed: tuple[Assumption, ...] = ()
    findings: Mapping[str, Mapping[str, str]] = field(factory=dict, eq=False, repr=False)
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class ColumnInput:
    """How one value is read from a foreign table.

    `form` is a `strptime` format, or empty for RFC 3339; `blank` is `unknown`, `never`
    or `error`; `values` maps spellings of the file to values of the ruleset.
    """

    column: str
    type: Type
    form: str = ""
    blank: str = "error"
    values: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class EventInput:
    """One event that each row of a foreign table (or each trace of a log) gives.

    `at` typed date makes a dated event (its `at` is a date, not an instant).
    """

    event: str
    at: ColumnInput
    data: Mapping[str, ColumnInput] = field(factory=dict)


@frozen(kw_only=True)
class Input:
    """A foreign table: its format, which column names the case, and its events."""

    id: str
    format: str
    kind: str
    case: str
    events: tuple[EventInput, ...]
    order_by: tuple[str, ...] = ()
    zone: str = "UTC"
    ignore: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Version:
    """One dated version of a ruleset; `figures` are the texts of its tables and parameters."""

    name: str
    titles: Mapping[str, str]
    window: Window
    zone: str
    kinds: Mapping[str, Kind]
    rules: Mapping[str, RuleText]
    figures: Mapping[str, RuleText] = field(factory=dict)
    cite: str = ""
    calendar: str | None = None
    periods: Mapping[str, PeriodSpec] = field(factory=dict)
    parameters: Mapping[str, object] = field(factory=dict)
    parameter_types: Mapping[str, Type] = field(factory=dict, eq=False, repr=False)
    tables: Mapping[str, TableRows] = field(factory=dict)
    inputs: Mapping[str, Input] = field(factory=dict)
    hash: str = ""


@frozen(kw_only=True)
class Tried:
    """Another value of a parameter: as it was given, and instead of which in each version."""

    name: str
    text: str
    instead: Mapping[str, str]


@frozen(kw_only=True)
class Ruleset:
    """A named family of dated versions and the plan they compile to.

    With values `tried` it is not the ruleset in force (`language.parameters`).
    """

    name: str
    versions: tuple[Version, ...]
    plan: Plan
    properties: tuple[Property, ...] = ()
    editions: Mapping[str, Edition] = field(factory=dict)
    folder: str = ""
    tried: tuple[Tried, ...] = ()

    def editions_on(self, day: int) -> tuple[Edition, ...]:
        """The calendar editions by which versions count that are in force on a day or later."""
        windows = ((version.calendar, version.window.last_day) for version in self.versions)
        used = {name for name, last in windows if last is None or last >= day}
        return tuple(edition for name, edition in self.editions.items() if name in used)

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the kinds that any of its versions has."""
        return frozenset(kind for version in self.versions for kind in version.kinds)
