"""The arrows of a lifecycle, checked once more before anything is built from them.

The checker has reported all of this with its place in the file; this is the last line
of defence for lifecycles that were made by hand.
"""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.language.ruleset import Lifecycle

# What `transitions` reads as "every state" and "the same state".
_WILDCARDS = ("*", "=")


def targets(kind: str, lifecycle: Lifecycle) -> dict[tuple[str, str], str]:
    """Where each event leads from each state.

    The target depends on the state and the event alone, so that a recorded history gives
    the same states whatever the guards say about it today.

    Raises:
        ValueError: the lifecycle names a state that it does not have, or one event leads
            from one state to two.
    """
    _check_states(kind, lifecycle)
    found: dict[tuple[str, str], str] = {}
    for transition in lifecycle.transitions:
        for source in transition.sources:
            target = source if transition.target is None else transition.target
            known = found.setdefault((source, transition.event), target)
            if known != target:
                raise ValueError(
                    f"`{transition.event}` of `{kind}` leads from `{source}` to both "
                    f"`{known}` and `{target}`"
                )
    return found


def _check_states(kind: str, lifecycle: Lifecycle) -> None:
    states = set(lifecycle.states)
    for state in (lifecycle.initial, *_named(lifecycle)):
        if state not in states:
            raise ValueError(f"the lifecycle of `{kind}` has no state `{state}`")
    for state in states.intersection(_WILDCARDS):
        raise ValueError(f"a state of `{kind}` cannot be called `{state}`")


def _named(lifecycle: Lifecycle) -> list[str]:
    return [
        state
        for transition in lifecycle.transitions
        for state in (*transition.sources, transition.target)
        if state is not None
    ]


def replay(
    table: Mapping[tuple[str, str], str], initial: str, events: list[str] | tuple[str, ...]
) -> tuple[str, tuple[int, ...]]:
    """The state after some events, and the places of those that the table does not allow.

    An event that is not possible in its state leaves the state as it is.
    """
    state, strange = initial, []
    for place, event in enumerate(events):
        after = table.get((state, event))
        if after is None:
            strange.append(place)
        else:
            state = after
    return state, tuple(strange)
