"""Checks of a lifecycle's graph: unreachable states, traps, dead ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaocheng.diagnostics import Code, Diagnostics, Span
from kaocheng.language import declaration_codes
from kaocheng.language.ruleset import Lifecycle


def check_graph(
    lifecycle: Lifecycle,
    diagnostics: Diagnostics,
    *,
    final: Iterable[str],
    states: Mapping[str, Span],
) -> None:
    """Report states that a case cannot reach, or cannot leave, each at its place in the file."""

    def report(code: Code, found: Iterable[str]) -> None:
        for state in found:
            diagnostics.add(code, states[state], state=state)

    final = tuple(final)
    lost = unreachable(lifecycle)
    ends = [state for state in dead_ends(lifecycle, final) if state not in lost]
    report(declaration_codes.UNREACHABLE_STATE, lost)
    report(declaration_codes.DEAD_END, ends)
    if final:
        caught = traps(lifecycle, final)
        report(declaration_codes.TRAP_STATE, (s for s in caught if s not in ends and s not in lost))


def arrows(lifecycle: Lifecycle) -> dict[str, set[str]]:
    """State to states, by any transition."""
    found: dict[str, set[str]] = {state: set() for state in lifecycle.states}
    for transition in lifecycle.transitions:
        for source in transition.sources:
            found.setdefault(source, set()).add(transition.target or source)
    return found


def reachable(starts: Iterable[str], graph: Mapping[str, Iterable[str]]) -> set[str]:
    """Every state that can be reached from `starts`, with them."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo.extend(graph.get(state, ()))
    return seen


def unreachable(lifecycle: Lifecycle) -> list[str]:
    """States that no path from the initial one reaches."""
    found = reachable([lifecycle.initial], arrows(lifecycle))
    return [state for state in lifecycle.states if state not in found]


def dead_ends(lifecycle: Lifecycle, final: Iterable[str]) -> list[str]:
    """States that are not final and that nothing leads out of."""
    graph = arrows(lifecycle)
    return [s for s in lifecycle.states if s not in set(final) and not graph.get(s, set()) - {s}]


def traps(lifecycle: Lifecycle, final: Iterable[str]) -> list[str]:
    """States from which no final state can be reached."""
    graph = arrows(lifecycle)
    backwards: dict[str, set[str]] = {state: set() for state in lifecycle.states}
    for source, targets in graph.items():
        for target in targets:
            backwards.setdefault(target, set()).add(source)
    found = reachable(final, backwards)
    return [state for state in lifecycle.states if state not in found]
