"""What is wrong with the graph of a lifecycle."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language.graph import arrows, check_graph, dead_ends, reachable, traps, unreachable
from kaocheng.language.ruleset import Lifecycle, Transition

STATES = ("a", "b", "c", "d", "e")


def lifecycle(*ways: tuple[str, str | None]) -> Lifecycle:
    """A lifecycle that begins in `a`, with these transitions."""
    transitions = tuple(
        Transition(event=f"e{i}", sources=(source,), target=target)
        for i, (source, target) in enumerate(ways)
    )
    return Lifecycle(initial="a", states=STATES, transitions=transitions)


def test_arrows() -> None:
    """A transition without a target leads back to where it starts."""
    found = arrows(lifecycle(("a", "b"), ("b", None), ("b", "a")))

    assert {"a": {"b"}, "b": {"a", "b"}, "c": set(), "d": set(), "e": set()} == found


def test_unreachable() -> None:
    """A state that only unreachable states lead to is unreachable."""
    assert ["d", "e"] == unreachable(lifecycle(("a", "b"), ("b", "c"), ("d", "e"), ("e", "d")))


def test_dead_ends() -> None:
    """A state that only leads to itself is a dead end, unless it is final."""
    ways = lifecycle(("a", "b"), ("b", None), ("a", "c"), ("c", "a"), ("a", "d"), ("d", "e"))

    assert ["b"] == dead_ends(ways, final=["e"])


def test_traps() -> None:
    """A state from which no final state can be reached is a trap, however it goes on."""
    ways = lifecycle(("a", "b"), ("a", "c"), ("c", "d"), ("d", "c"), ("b", "e"))

    assert ["c", "d"] == traps(ways, final=["e"])


def test_each_state_is_reported_once() -> None:
    """A state has one fault: it cannot be reached, or it is a dead end, or a trap."""
    ways = lifecycle(("a", "b"), ("a", "c"), ("d", "d"), ("a", "e"))
    places = {state: Span.point("f", line) for line, state in enumerate(STATES, 1)}
    diagnostics = Diagnostics()
    check_graph(ways, diagnostics, final=["b"], states=places)

    assert [("dead-end", 3), ("unreachable-state", 4), ("dead-end", 5)] == [
        (item.code.name, item.span.line) for item in diagnostics
    ]


WAYS = st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)), max_size=12)


@given(WAYS)
def test_reachable_is_breadth_first_search(ways: list[tuple[str, str]]) -> None:
    """What can be reached is what a search in breadth finds."""
    graph = arrows(lifecycle(*ways))
    seen, todo = {"a"}, deque(["a"])
    while todo:
        for state in graph[todo.popleft()] - seen:
            seen.add(state)
            todo.append(state)

    assert seen == reachable(["a"], graph)


@given(WAYS, st.sets(st.sampled_from(STATES), min_size=1))
def test_traps_are_those_that_reach_no_final_state(
    ways: list[tuple[str, str]], final: set[str]
) -> None:
    """Forwards from each state and backwards from the final ones give the same."""
    made = lifecycle(*ways)
    graph = arrows(made)

    assert [s for s in STATES if not reachable([s], graph) & final] == traps(made, final)
