"""Which case goes first where several have something to do at the same instant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kaocheng.engine.ordering import first_of

Above = dict[str, set[str]]

NAMES = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(NAMES, st.sets(NAMES, max_size=3), max_size=6)


def order(graph: Above, start: str) -> list[str]:
    """In which order all that goes before a case and the case itself are done."""
    left = dict(graph)
    done: list[str] = []

    def above(case: str) -> set[str]:
        return {name for name in left.get(case, ()) if name not in done and name != case}

    while start not in done:
        done.append(first_of(start, above))
    return done


def test_what_stands_alone_goes_first() -> None:
    """With nothing above it a case goes first itself."""
    assert first_of("a", lambda _: ()) == "a"


def test_what_is_above_goes_first() -> None:
    """Through others too."""
    above = {"a": ["b"], "b": ["c"], "c": []}

    assert first_of("a", above.__getitem__) == "c"


def test_in_a_ring_the_first_id_decides() -> None:
    """It is the same one whoever begins."""
    above = {"b": ["c"], "c": ["d"], "d": ["b"], "a": ["c"]}

    assert [first_of(case, above.__getitem__) for case in "bcda"] == ["b", "b", "b", "b"]


@given(GRAPHS, NAMES)
def test_none_goes_before_what_it_has_to_wait_for(graph: Above, start: str) -> None:
    """Unless both are in one ring."""
    done = order(graph, start)

    def reaches(case: str, other: str, seen: frozenset[str] = frozenset()) -> bool:
        found = graph.get(case, set()) - seen
        return other in found or any(reaches(name, other, seen | found) for name in found)

    for place, case in enumerate(done):
        for later in done[place + 1 :]:
            assert later not in graph.get(case, ()) or reaches(later, case)


@given(GRAPHS, NAMES, NAMES)
def test_it_does_not_matter_who_begins(graph: Above, one: str, other: str) -> None:
    """Those that two beginnings have in common are done in an order of their own."""
    first, second = order(graph, one), order(graph, other)
    related = {(a, b) for a in graph for b in graph[a]} | {(b, a) for a in graph for b in graph[a]}
    for place, case in enumerate(first):
        for later in first[place + 1 :]:
            if case in second and later in second and (case, later) in related:
                assert second.index(case) < second.index(later)
