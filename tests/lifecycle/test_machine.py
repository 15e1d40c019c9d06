"""The adapter of `transitions`: each of the library's traps, and its equal, the table."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine

from kaocheng.calendars.zones import build_zone
from kaocheng.journal.case_state import CaseState
from kaocheng.journal.program import compile_kind
from kaocheng.language.expressions import Literal
from kaocheng.language.kinds import kind_relations
from kaocheng.language.ruleset import Kind, Lifecycle, Transition
from kaocheng.language.types import BOOL
from kaocheng.lifecycle import Asked, CaseLifecycle, replay, targets
from kaocheng.lifecycle.machine import FlatMachine
from kaocheng.model.events import Event

LETTERS = ("a", "b", "c", "d")
EVENTS = ("go", "stop", "turn")
TRUE = Literal(type=BOOL, value=True)


def machine(table: dict[tuple[str, str], str], states: tuple[str, ...] = LETTERS) -> FlatMachine:
    """A machine over a table."""
    return FlatMachine(states, table)


def callbacks(flat: Machine) -> list[object]:
    """Everything that the machine would call besides its conditions."""
    found: list[object] = [
        *flat.prepare_event, *flat.before_state_change, *flat.after_state_change,
        *flat.finalize_event, *flat.on_exception, *flat.on_final,
    ]  # fmt: skip
    for state in flat.states.values():
        found += [*state.on_enter, *state.on_exit]
    for event in flat.events.values():
        for transition in chain(*event.transitions.values()):
            found += [*transition.prepare, *transition.before, *transition.after]
    return found


def test_moves() -> None:
    """The machine moves a state to the target of the event."""
    assert "b" == machine({("a", "go"): "b"}).move("a", "go")


def test_not_permitted() -> None:
    """The machine's one condition keeps it from moving what was not permitted."""
    assert machine({("a", "go"): "b"}).move("a", "go", permitted=False) is None


@pytest.mark.parametrize(("state", "event"), [("b", "go"), ("a", "stop"), ("z", "go")])
def test_impossible(state: str, event: str) -> None:
    """What is not in the table is None and no error."""
    assert machine({("a", "go"): "b"}).move(state, event) is None


def test_names_are_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that look like the path of a function are never imported and called."""
    (tmp_path / "bomb.py").write_text("def off(*_):\n    raise SystemExit\n")
    monkeypatch.syspath_prepend(tmp_path)
    flat = machine({("bomb.off", "bomb.off"): "a"}, ("a", "bomb.off"))

    assert "a" == flat.move("bomb.off", "bomb.off")


def test_only_functions() -> None:
    """Conditions are functions, one per transition, and there are no callbacks at all."""
    flat = machine({("a", "go"): "b", ("b", "go"): "a"}).machine
    conditions = [
        [condition.func for condition in transition.conditions]
        for event in flat.events.values()
        for transition in chain(*event.transitions.values())
    ]

    assert [1, 1] == [len(found) for found in conditions]
    assert all(callable(func) for found in conditions for func in found)
    assert [] == callbacks(flat)


def test_callbacks_are_never_called() -> None:
    """Even a callback that somebody adds to the machine is not called, so none can fail halfway."""
    flat = machine({("a", "go"): "b"})
    called: list[str] = []
    flat.machine.finalize_event = [lambda _: called.append("finalize")]
    flat.machine.after_state_change = [lambda _: called.append("after")]
    flat.machine.states["b"].add_callback("enter", lambda _: called.append("enter"))

    assert "b" == flat.move("a", "go")
    assert [] == called


def test_no_back_doors() -> None:
    """There are no `to_STATE` events that would bypass the rules."""
    flat = machine({("a", "go"): "b"})

    assert ["event go"] == list(flat.machine.events)
    assert flat.move("a", "to_c") is None


def test_no_spare_state() -> None:
    """The machine has the states of the lifecycle and no `initial` besides."""
    assert list(LETTERS) == list(machine({("a", "go"): "b"}).machine.states)


def test_nothing_is_registered() -> None:
    """However many cases a machine moves, it keeps none of them."""
    flat = machine({("a", "go"): "b"})
    for _ in range(100):
        flat.move("a", "go")

    assert [] == flat.machine.models


def test_flat() -> None:
    """The machine is made from the plain one: hierarchical and asynchronous ones share state."""
    kind = type(machine({("a", "go"): "b"}).machine)

    assert (Machine,) == kind.__bases__


@pytest.mark.parametrize("name", ["state", "permitted", "trigger", "initial", "model", "to_a"])
def test_events_may_have_any_name(name: str) -> None:
    """An event may be called like an attribute that the library or the model has."""
    assert "b" == machine({("a", name): "b"}).move("a", name)


@pytest.mark.parametrize("name", ["initial", "state", "on_enter_a", "a_b"])
def test_states_may_have_any_name(name: str) -> None:
    """A state may be called like something that the library gives a meaning to."""
    assert name == machine({("a", "go"): name}, ("a", name)).move("a", "go")


@pytest.mark.parametrize(
    ("transition", "message"),
    [
        (
            Transition(event="go", sources=("a",), target="z"),
            "the lifecycle of `report` has no state `z`",
        ),
        (
            Transition(event="go", sources=("z",), target="a"),
            "the lifecycle of `report` has no state `z`",
        ),
    ],
)
def test_unknown_states(
    lifecycle_of: Callable[..., CaseLifecycle], transition: Transition, message: str
) -> None:
    """A state that there is not is refused when the lifecycle is built, not when it is reached."""
    with pytest.raises(ValueError, match=message):
        lifecycle_of(transition, states=("a", "b"), initial="a")


def test_unknown_initial_state(lifecycle_of: Callable[..., CaseLifecycle]) -> None:
    """An initial state that the lifecycle does not have is refused."""
    with pytest.raises(ValueError, match="the lifecycle of `report` has no state `z`"):
        lifecycle_of(states=("a", "b"), initial="z")


@pytest.mark.parametrize("state", ["*", "="])
def test_wildcards(lifecycle_of: Callable[..., CaseLifecycle], state: str) -> None:
    """A state cannot be called what the library reads as every state or the same state."""
    with pytest.raises(ValueError, match=rf"a state of `report` cannot be called `\{state}`"):
        lifecycle_of(states=("a", state), initial="a")


def test_two_targets(lifecycle_of: Callable[..., CaseLifecycle]) -> None:
    """An event that leads from one state to two is refused: history must not depend on guards."""
    there = Transition(event="go", sources=("a",), target="b")
    back = Transition(event="go", sources=("a",), target=None)

    with pytest.raises(ValueError, match="`go` of `report` leads from `a` to both `b` and `a`"):
        lifecycle_of(there, back, states=("a", "b"), initial="a")


def test_a_guard_that_fails_leaves_no_trace() -> None:
    """Where a guard raises, the machine has not been asked and the next decision is as before."""
    failing = iter([ZeroDivisionError])

    def once(*_: object) -> object:
        for error in failing:
            raise error
        return True

    guarded = Transition(event="go", sources=("a",), target="b", when=TRUE)
    lifecycle = Lifecycle(initial="a", states=("a", "b"), transitions=(guarded,))
    desk = CaseLifecycle("report", lifecycle, compile_guard=lambda _: once)

    with pytest.raises(ZeroDivisionError):
        desk.decide("a", "go", Asked())
    assert "b" == desk.decide("a", "go", Asked()).state_after


def test_threads() -> None:
    """Threads that share a machine do not see each other's cases."""
    flat = machine({(a, "go"): b for a, b in pairwise(LETTERS)})
    wrong: list[tuple[str, str | None]] = []

    def walk(start: int) -> None:
        for step in range(500):
            state = LETTERS[(start + step) % 3]
            after = flat.move(state, "go")
            if after != LETTERS[(start + step) % 3 + 1]:
                wrong.append((state, after))

    threads = [threading.Thread(target=walk, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == wrong


def test_loaded_late() -> None:
    """Reading about decisions does not load the library; making a lifecycle does."""
    code = "import sys, kaocheng.lifecycle; sys.exit('transitions' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Lifecycles of a few states in which each event has one target per state."""
    pairs = st.tuples(st.sampled_from(LETTERS), st.sampled_from(EVENTS))
    targets_ = st.one_of(st.none(), st.sampled_from(LETTERS))
    table = draw(st.dictionaries(pairs, targets_))
    transitions = tuple(
        Transition(event=event, sources=(source,), target=target, repeats=True)
        for (source, event), target in table.items()
    )
    return Lifecycle(
        initial=draw(st.sampled_from(LETTERS)), states=LETTERS, transitions=transitions
    )


@given(lifecycles(), st.lists(st.sampled_from((*EVENTS, "unheard_of"))))
def test_table_equals_machine(lifecycle: Lifecycle, events: list[str]) -> None:
    """The table for bulk replay gives every state that the machine gives, step by step."""
    table = targets("report", lifecycle)
    flat = FlatMachine(lifecycle.states, table)
    state = lifecycle.initial

    for count, event in enumerate(events, 1):
        after = flat.move(state, event)
        assert table.get((state, event)) == after
        state = state if after is None else after
        assert state == replay(table, lifecycle.initial, events[:count])[0]


@given(lifecycles(), st.lists(st.sampled_from(EVENTS), min_size=1))
def test_replay_equals_facts(lifecycle: Lifecycle, events: list[str]) -> None:
    """Facts folded from a journal have the state of the table, and report the same events."""
    kind = Kind(name="report", fields=(), lifecycle=lifecycle)
    program = compile_kind(kind, kind_relations(kind), zone=build_zone("UTC"))
    known = [event for event in events if event in program.events]
    journal = [
        Event(case="report/1", sequence=number, event=event, at=number)
        for number, event in enumerate(known, 1)
    ]
    state, strange = replay(targets("report", lifecycle), lifecycle.initial, known)
    actual = CaseState.of(program, "report/1", journal)

    assert state == actual.state
    assert [f"report/1#{place + 1}" for place in strange] == [p.place for p in actual.problems]
