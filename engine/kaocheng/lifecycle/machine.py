"""The one place that knows `transitions`.

One flat machine per lifecycle, shared by all cases; each step has a small model of its
own, so nothing is registered, kept or undone. What the library would do on its own is
turned off, replaced or never reached:

* names from data that it would import and call: it gets one condition, a function;
* `to_<state>` events and a spare `initial` state, which no rule allowed;
* wildcards, and checks of states that come too late: arrows are checked before;
* callbacks after the state has changed, and errors that `finalize_event` swallows: our
  transitions and events have no callbacks, through the classes that the library lets a
  machine name;
* a refusal without a reason: it is asked only after every condition was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transitions import Event, EventData, Machine, Transition
from transitions.core import Condition

# Triggers are prefixed, because an event may be called like the model's attribute.
_TRIGGER = "event "


class _Step:
    """What the machine moves: one case for the time of one event."""

    __slots__ = ("permitted", "state")

    def __init__(self, state: str, permitted: bool) -> None:  # noqa: FBT001 - made for each step
        self.state = state
        self.permitted = permitted


class _Asked(EventData):
    """What conditions are told: the model alone, which is all that ours ask for."""

    def __init__(self, model: object) -> None:
        self.model = model


class _Function(Condition):
    """A condition that is a function: names are not looked up, so none is ever imported."""

    def check(self, event_data: EventData) -> bool:
        """Whether the condition holds."""
        function = self.func
        return callable(function) and function(event_data) is self.target


class _Move(Transition):
    """A transition with conditions and a destination, and nothing besides."""

    condition_cls = _Function

    def execute(self, event_data: EventData) -> bool:
        """Change the state where the conditions hold."""
        for condition in self.conditions:
            if not condition.check(event_data):
                return False
        step = event_data.model
        if self.dest is not None and isinstance(step, _Step):
            step.state = self.dest
        return True


class _Trigger(Event):
    """An event that takes the transition from the present state: no queue, no callbacks."""

    def trigger(self, model: object, *_args: object, **_kwargs: object) -> bool:
        """Take the first transition from the model's state whose conditions hold."""
        if not isinstance(model, _Step):
            return False
        data = _Asked(model)
        for transition in self.transitions.get(model.state, ()):  # noqa: SIM110 - faster than any
            if transition.execute(data):
                return True
        return False


class _Machine(Machine):
    """The library's machine with our transitions and events."""

    transition_cls = _Move
    event_cls = _Trigger


def _permitted(data: EventData) -> bool:
    step = data.model
    return isinstance(step, _Step) and step.permitted


class FlatMachine:
    """A machine over the targets of a lifecycle; safe to share between threads."""

    __slots__ = ("_events", "machine")

    def __init__(self, states: Iterable[str], targets: Mapping[tuple[str, str], str]) -> None:
        self.machine: Machine = _Machine(
            model=None,
            states=list(states),
            initial=None,
            auto_transitions=False,
            queued=False,
            send_event=True,
        )
        for (source, event), target in targets.items():
            stays = None if target == source else target
            self.machine.add_transition(_TRIGGER + event, [source], stays, conditions=[_permitted])
        self._events: dict[str, Event] = {
            name.removeprefix(_TRIGGER): event for name, event in self.machine.events.items()
        }

    def move(self, state: str, event: str, *, permitted: bool = True) -> str | None:
        """The state after the event, or None where the machine does not take it."""
        trigger = self._events.get(event)
        if trigger is None:
            return None
        step = _Step(state, permitted)
        return step.state if trigger.trigger(step) else None
