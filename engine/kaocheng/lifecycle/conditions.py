"""The conditions of one transition: whether each holds, and what to say where it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from attrs import field, frozen

from kaocheng.journal.texts import Text, names
from kaocheng.language.ruleset import Transition
from kaocheng.lifecycle.decisions import Condition, Refusal
from kaocheng.lifecycle.guards import Guard, Row, readings_text, unknown_text
from kaocheng.model.events import Actor

NOBODY: Row = (None, None, None)
"""The actor's row when nobody is named: everything about them is unknown."""


class Asked(NamedTuple):  # a named tuple, because one is made for every act
    """What a decision rests on besides the state and the event.

    `row` is the case as it stands before the event, `actor_row` the actor as guards see
    them, `happened` the events that the case has had; `context` is passed on to guards.
    """

    row: Row = ()
    actor: Actor | None = None
    actor_row: Row = NOBODY
    happened: Collection[str] = ()
    context: object = None


@frozen(eq=False)
class Arrow:
    """One transition, ready to be asked."""

    transition: Transition
    guard: Guard | None
    roles: frozenset[str] = field(init=False)

    @roles.default
    def _roles(self) -> frozenset[str]:
        return frozenset(self.transition.by)

    def passes(self, asked: Asked) -> bool:
        """Whether every condition holds."""
        roles = self.roles
        if roles and (asked.actor is None or roles.isdisjoint(asked.actor.roles)):
            return False
        transition = self.transition
        if not transition.repeats and transition.event in asked.happened:
            return False
        guard = self.guard
        return guard is None or guard.holds(asked.row, asked.actor_row, asked.context) is True

    def conditions(self, asked: Asked) -> Iterator[Condition]:
        """Every condition, also after one that does not hold."""
        if self.roles:
            yield _role(self.transition, asked.actor)
        if not self.transition.repeats:
            yield _once(self.transition, asked.happened)
        if self.guard is not None:
            yield _guarded(self.transition, self.guard, asked)

    def refusals(self, asked: Asked) -> tuple[Refusal, ...]:
        """What stands in the way, apart from the state."""
        return tuple(c.refusal for c in self.conditions(asked) if c.refusal is not None)


def title(name: str, titles: Mapping[str, str]) -> Text:
    """The id in English, which policy writers know; the title in Chinese where there is one."""
    return Text(name, titles.get("zh", name))


def _event(transition: Transition) -> Text:
    return title(transition.event, transition.titles)


def _role(transition: Transition, actor: Actor | None) -> Condition:
    values = {"event": _event(transition), "roles": either(transition.by)}
    refusal = None
    if actor is None:
        refusal = Refusal("no_actor", values)
    elif set(transition.by).isdisjoint(actor.roles):
        refusal = Refusal("no_role", {**values, "actor": actor.id, "held": held(actor)})
    return Condition(
        what="role",
        text=" || ".join(f"'{role}' in actor.roles" for role in transition.by),
        holds=refusal is None,
        refusal=refusal,
        span=transition.span,
    )


def _once(transition: Transition, happened: Collection[str]) -> Condition:
    again = transition.event in happened
    return Condition(
        what="once",
        text=transition.event,
        holds=not again,
        refusal=Refusal("repeated", {"event": _event(transition)}) if again else None,
        span=transition.span,
    )


def _guarded(transition: Transition, guard: Guard, asked: Asked) -> Condition:
    value = guard.holds(asked.row, asked.actor_row, asked.context)
    holds = value if isinstance(value, bool) else None
    readings = guard.readings(asked.row, asked.actor_row, asked.context)
    refusal = None
    if holds is not True:
        code = "guard_unknown" if holds is None else "guard_false"
        why = unknown_text(readings) if holds is None else readings_text(readings)
        event, text = _event(transition), guard.text
        refusal = Refusal(code, {"event": event, "guard": text, "readings": why})
    return Condition(
        what="guard",
        text=guard.text,
        holds=holds,
        readings=readings,
        refusal=refusal,
        span=guard.expression.span,
    )


def either(roles: tuple[str, ...]) -> Text:
    """The roles, one of which is wanted."""
    quoted = [f"`{role}`" for role in roles]
    return Text(" or ".join(quoted), " 或 ".join(quoted))


def held(actor: Actor) -> Text:
    """The roles that somebody has, as the end of a sentence."""
    if not actor.roles:
        return Text("none", "不具备任何角色")
    listed = names(actor.roles)
    return Text(f"only {listed.en}", f"仅具备 {listed.zh}")
