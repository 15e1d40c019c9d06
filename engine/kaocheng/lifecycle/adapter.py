"""Deciding about an event: every condition first, then one step of the machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaocheng.calendars.numberline import OffsetTable
from kaocheng.journal.texts import Text, did_you_mean, names
from kaocheng.language.ruleset import Lifecycle
from kaocheng.lifecycle.arrows import targets
from kaocheng.lifecycle.conditions import Arrow, Asked, title
from kaocheng.lifecycle.decisions import Decision, Option, Refusal
from kaocheng.lifecycle.guards import Guard, GuardCompiler


class CaseLifecycle:
    """The lifecycle of one kind in one version, shared by all of its cases.

    Nothing in it changes after it is made, so it is safe to share between threads, as far
    as the contexts that are passed to guards are.
    """

    __slots__ = ("_arrows", "_by_event", "_decisions", "_machine", "kind", "lifecycle", "table")

    def __init__(
        self,
        kind: str,
        lifecycle: Lifecycle,
        *,
        compile_guard: GuardCompiler,
        zone: OffsetTable | None = None,
    ) -> None:
        from kaocheng.lifecycle.machine import FlatMachine

        self.kind = kind
        self.lifecycle = lifecycle
        self.table: Mapping[tuple[str, str], str] = targets(kind, lifecycle)
        self._machine = FlatMachine(lifecycle.states, self.table)
        self._arrows = tuple(_arrows(lifecycle, compile_guard, zone))
        self._by_event = _by_event(self._arrows)
        self._decisions = {
            (before, event): Decision(
                allowed=True, reasons=(), state_before=before, state_after=after
            )
            for (before, event), after in self.table.items()
        }

    @property
    def initial(self) -> str:
        """The state of a case before its first event."""
        return self.lifecycle.initial

    def decide(self, state: str, event: str, asked: Asked) -> Decision:
        """Whether the event is accepted, and every reason if it is not."""
        by_state = self._by_event.get(event)
        if by_state is not None:
            for arrow in by_state.get(state, ()):
                if arrow.passes(asked):
                    decision = self._decisions[state, event]
                    if self._machine.move(state, event) != decision.state_after:
                        raise RuntimeError(f"the machine does not take `{event}` from `{state}`")
                    return decision
        reasons = self._reasons(state, event, asked)
        return Decision(allowed=False, reasons=reasons, state_before=state, state_after=state)

    def may(self, state: str, asked: Asked) -> tuple[Option, ...]:
        """Every transition from the state, in the order written, with all its conditions."""
        return tuple(
            _option(arrow, state, asked)
            for arrow in self._arrows
            if state in arrow.transition.sources
        )

    def _reasons(self, state: str, event: str, asked: Asked) -> tuple[Refusal, ...]:
        by_state = self._by_event.get(event)
        if by_state is None:
            hint = did_you_mean(event, self._by_event)
            known = {"kind": self.kind, "event": event}
            return (Refusal("unknown_event", {**known, "hint": hint}),)
        here = by_state.get(state)
        if here is not None:
            return _together(here, asked)
        elsewhere = [arrow for arrow in self._arrows if arrow.transition.event == event]
        return (self._wrong_state(state, elsewhere), *_together(elsewhere, asked))

    def _wrong_state(self, state: str, arrows: Iterable[Arrow]) -> Refusal:
        transitions = [arrow.transition for arrow in arrows]
        sources = {source for transition in transitions for source in transition.sources}
        in_order = [self._state(s) for s in self.lifecycle.states if s in sources]
        values = {
            "event": title(transitions[0].event, transitions[0].titles),
            "sources": Text(names(s.en for s in in_order).en, names(s.zh for s in in_order).zh),
            "state": self._state(state),
        }
        return Refusal("wrong_state", values)

    def _state(self, state: str) -> Text:
        return title(state, self.lifecycle.titles.get(state, {}))


def _arrows(
    lifecycle: Lifecycle, compile_guard: GuardCompiler, zone: OffsetTable | None
) -> Iterable[Arrow]:
    for transition in lifecycle.transitions:
        when = transition.when
        yield Arrow(transition, None if when is None else Guard(when, compile_guard, zone))


def _by_event(arrows: Iterable[Arrow]) -> Mapping[str, Mapping[str, tuple[Arrow, ...]]]:
    found: dict[str, dict[str, tuple[Arrow, ...]]] = {}
    for arrow in arrows:
        by_state = found.setdefault(arrow.transition.event, {})
        for source in dict.fromkeys(arrow.transition.sources):
            by_state[source] = (*by_state.get(source, ()), arrow)
    return found


def _option(arrow: Arrow, state: str, asked: Asked) -> Option:
    transition = arrow.transition
    return Option(
        event=transition.event,
        target=state if transition.target is None else transition.target,
        conditions=tuple(arrow.conditions(asked)),
        titles=transition.titles,
        clause=transition.clause,
    )


def _together(arrows: Iterable[Arrow], asked: Asked) -> tuple[Refusal, ...]:
    """What stands in the way of every arrow, each reason once.

    Nothing, where one of them has no further reason: then only the state does.
    """
    kept: list[Refusal] = []
    for arrow in arrows:
        refusals = arrow.refusals(asked)
        if not refusals:
            return ()
        kept += [refusal for refusal in refusals if refusal not in kept]
    return tuple(kept)
