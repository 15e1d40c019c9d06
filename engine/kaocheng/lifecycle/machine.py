"""The one place that knows `transitions`.

One flat machine per lifecycle, shared by all cases; each step has a small model of its
own, so nothing is registered, kept or undone. What the library would do on its own is
turned off or never reached:

* names from data that it would import and call: it gets one condition, a function;
* `to_<state>` events and a spare `initial` state, which no rule allowed;
* its wildcards, its checks of states that come too late, callbacks after the state has
  changed, errors that `finalize_event` swallows: there are no callbacks at all;
* a refusal without a reason: it is asked only after every condition was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transitions import Event, EventData, Machine

# Triggers are prefixed, because an event may be called like the model's attribute.
_TRIGGER = "event "


class _Step:
    """What the machine moves: one case for the time of one event."""

    __slots__ = ("permitted", "state")

    def __init__(self, state: str, *, permitted: bool) -> None:
        self.state = state
        self.permitted = permitted


def _permitted(data: EventData) -> bool:
    step = data.model
    return isinstance(step, _Step) and step.permitted


class FlatMachine:
    """A machine over the targets of a lifecycle; safe to share between threads."""

    __slots__ = ("_events", "machine")

    def __init__(self, states: Iterable[str], targets: Mapping[tuple[str, str], str]) -> None:
        self.machine = Machine(
            model=None,
            states=list(states),
            initial=None,
            auto_transitions=False,
            queued=False,
            send_event=True,
        )
        for (source, event), target in targets.items():
            self.machine.add_transition(_TRIGGER + event, [source], target, conditions=[_permitted])
        self._events: dict[str, Event] = {
            name.removeprefix(_TRIGGER): event for name, event in self.machine.events.items()
        }

    def move(self, state: str, event: str, *, permitted: bool = True) -> str | None:
        """The state after the event, or None where the machine does not take it."""
        trigger = self._events.get(event)
        if trigger is None or state not in trigger.transitions:
            return None
        step = _Step(state, permitted=permitted)
        return step.state if trigger.trigger(step) else None
