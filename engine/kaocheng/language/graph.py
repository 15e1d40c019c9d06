"""Checks of a lifecycle's graph: unreachable states, traps, dead ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaocheng.diagnostics import Diagnostics
from kaocheng.language import codes
from kaocheng.language._kinds_reader import KindsRead
from kaocheng.language.ruleset import Kind, Lifecycle


def check_graph(kinds: Mapping[str, Kind], read: KindsRead, diagnostics: Diagnostics) -> None:
    """Report what is wrong with each kind's lifecycle."""
    for name, kind in kinds.items():
        if kind.lifecycle is None:
            continue
        span = read.nodes[name].at("lifecycle")
        final = read.final.get(name, ())
        for state in unreachable(kind.lifecycle):
            diagnostics.add(codes.UNREACHABLE_STATE, span, state=state)
        ends = dead_ends(kind.lifecycle, final)
        for state in ends:
            diagnostics.add(codes.DEAD_END, span, state=state)
        if final:
            for state in traps(kind.lifecycle, final):
                if state not in ends:
                    diagnostics.add(codes.TRAP_STATE, span, state=state)


def arrows(lifecycle: Lifecycle) -> dict[str, set[str]]:
    """State to states, by any transition."""
    found: dict[str, set[str]] = {state: set() for state in lifecycle.states}
    for transition in lifecycle.transitions:
        for source in transition.sources:
            found.setdefault(source, set()).add(transition.target or source)
    return found


def reachable(starts: Iterable[str], graph: Mapping[str, set[str]]) -> set[str]:
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
