"""One `act` in memory: guard, transition, facts, two deadlines, four points rules.

The peers are `transitions` with the same guard, facts, deadlines and points as CEL
expressions, evaluated by `cel-expr-python` and by `cel-python`, each written as its
documentation shows: compiled once, and all expressions of an act share one activation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import celpy
from cel_expr_python import cel
from measuring import Row, Task, compared, interleaved
from transitions import Machine

from kaocheng.engine import Engine
from kaocheng.evaluate.python import compile_plan
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Actor
from kaocheng_policies import plugin

CASES = 100
LONG_CASES = 20
START = 1_236_000_000_000_000  # microseconds since 1970
HOUR = 3_600_000_000
DATA = {"outlet": "special_report", "level": "central"}
FIRST = {"genre": "research", "length": 1200}
LI = Actor(id="li", unit="city_office", roles=("informant",))
WANG = Actor(id="wang", unit="city_office", roles=("editor",))

STATES = ["draft", "desk", "leader"]
TRANSITIONS = [
    {"trigger": "submit", "source": "draft", "dest": "desk"},
    {"trigger": "present", "source": "desk", "dest": "leader"},
    {"trigger": "answer", "source": "leader", "dest": "desk"},
]
# The same rules as `act_ruleset.yaml`, as the peers are given them.
GUARD = "actor.id != report.submitted_by"
STATUS = """report.{start} > as_of ? 'not_begun'
    : report.{met} <= as_of && report.{met} <= report.{start} + {limit} ? 'met'
    : report.{met} <= as_of ? 'late' : report.{start} + {limit} < as_of ? 'overdue' : 'open'"""
RULES = (
    STATUS.format(start="submitted_at", met="presented_at", limit=2 * HOUR),
    STATUS.format(start="presented_at", met="answered_at", limit=48 * HOUR),
    "{'daily_express': 2, 'special_report': 5}[hearing.outlet]",
    "hearing.level == 'central' ? 10 : hearing.level == 'province' ? 4 : 0",
    "report.genre == 'research' ? (hearing.level == 'central' ? 6 : 3) : 0",
    "report.length >= 100 ? (report.length >= 1000 ? 3 : 1) : 0",
)
NEVER = 2**63 - 1


def main() -> list[Row]:
    """The rows of this benchmark."""
    engines = Engines()
    act = engines.task(CASES, 3)
    peers = {
        "transitions + cel-python": (peer(CelPy), ">= 50", 25),
        "transitions + cel-expr-python": (peer(CelExpr), ">= 1.5", 1),
        "transitions trigger alone": (bare(), "<= 3", 1),
    }
    rows = [
        compared("one act", interleaved({"ours": act, name: task}, turn=turn), name, bar)
        for name, (task, bar, turn) in peers.items()
    ]
    # Both engines hold as many events, so that what is asked about is as far from the caches.
    short = "a case of 3 events"
    long = {
        "ours": engines.task(LONG_CASES, 300),
        short: engines.task(LONG_CASES, 3, among=100 * LONG_CASES),
    }
    figures = interleaved(long, rounds=15)
    return [*rows, compared("one act on a case of 300 events", figures, short, "<= 1.2")]


# Ours -------------------------------------------------------------------------------------------


class Engines:
    """Engines over one compiled program."""

    def __init__(self) -> None:
        self.ruleset = ruleset()
        self.program = compile_plan(self.ruleset.plan)

    def task(self, cases: int, events: int, *, among: int = 0) -> Task:
        """One act on each of several cases, of all that there are, that have so many events."""
        names = [f"report/{number}" for number in range(max(cases, among))]
        at, event = START + events * HOUR, "present" if events % 2 else "answer"
        self._check(names[0], events)

        def run(given: tuple[Engine, str]) -> None:
            engine, case = given
            engine.act(case, event, at=at, actor=WANG, data=DATA)

        def prepare() -> list[tuple[Engine, str]]:
            engine = self.prepared(names, events)
            return [(engine, case) for case in names[:: len(names) // cases]]

        return Task(prepare, run)

    def prepared(self, names: list[str], events: int) -> Engine:
        """An engine with cases that have so many events."""
        engine = Engine(self.ruleset, program=self.program)
        for case in names:
            engine.act(case, "submit", at=START, actor=LI, data=FIRST)
            for number in range(1, events):
                event = "present" if number % 2 else "answer"
                engine.act(case, event, at=START + number * HOUR, actor=WANG, data=DATA)
        return engine

    def _check(self, case: str, events: int) -> None:
        """What is measured is the whole of it: an accepted act with all of its results."""
        engine = self.prepared([case], events)
        event = "present" if events % 2 else "answer"
        outcome = engine.act(case, event, at=START + events * HOUR, actor=WANG, data=DATA)
        rows = [len(outcome.results.rows(rule)) for rule in outcome.results]
        if not outcome.accepted or rows != [1, 1, events, events, events, 1]:
            message = f"unexpected results: {outcome.reasons}, {rows}"
            raise AssertionError(message)


def ruleset() -> Ruleset:
    """The ruleset of this benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "versions" / "1.yaml"
        path.parent.mkdir()
        path.write_bytes(Path(__file__).with_name("act_ruleset.yaml").read_bytes())
        checked = check(Path(folder), sections=plugin.kaocheng_sections())
    if checked.ruleset is None:
        raise AssertionError("\n".join(f"{d.span}: {d.message()}" for d in checked.errors))
    return checked.ruleset


# The bare trigger -------------------------------------------------------------------------------


class Bare:
    """A model with nothing but its state."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def bare() -> Task:
    """One machine for all models and one trigger per case, the least that `transitions` can do."""
    machine = Machine(
        model=None, states=STATES, transitions=TRANSITIONS, initial="draft",
        auto_transitions=False, send_event=True,
    )  # fmt: skip
    present = machine.events["present"]
    return Task(lambda: [Bare("desk") for _ in range(CASES)], present.trigger)


# The peers --------------------------------------------------------------------------------------


class CelExpr:
    """Expressions of `cel-expr-python`."""

    def __init__(self) -> None:
        facts = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        self.env = cel.NewEnv(
            variables={"report": facts, "actor": facts, "hearing": facts, "as_of": cel.Type.INT}
        )
        self.guard = self.env.compile(GUARD)
        self.rules = [self.env.compile(rule) for rule in RULES]

    def permits(self, facts: Mapping[str, Any], actor: Mapping[str, Any]) -> bool:
        """The guard."""
        return (
            self.guard.eval(self.env.Activation({"report": facts, "actor": actor})).value() is True
        )

    def results(self, facts: Mapping[str, Any], hearing: Mapping[str, Any], at: int) -> list[Any]:
        """The deadlines and points."""
        activation = self.env.Activation({"report": facts, "hearing": hearing, "as_of": at})
        return [rule.eval(activation).value() for rule in self.rules]


class CelPy:
    """Programs of `cel-python`."""

    def __init__(self) -> None:
        env = celpy.Environment()
        self.guard = env.program(env.compile(GUARD))
        self.rules = [env.program(env.compile(rule)) for rule in RULES]

    def permits(self, facts: Mapping[str, Any], actor: Mapping[str, Any]) -> bool:
        """The guard."""
        context = {
            "report": celpy.json_to_cel(dict(facts)),
            "actor": celpy.json_to_cel(dict(actor)),
        }
        return bool(self.guard.evaluate(context))

    def results(self, facts: Mapping[str, Any], hearing: Mapping[str, Any], at: int) -> list[Any]:
        """The deadlines and points."""
        context = {
            "report": celpy.json_to_cel(dict(facts)),
            "hearing": celpy.json_to_cel(dict(hearing)),
            "as_of": celpy.json_to_cel(at),
        }
        return [rule.evaluate(context) for rule in self.rules]


class Report:
    """A model as an application would write it: facts, history, and callbacks of the machine."""

    def __init__(self, rules: CelExpr | CelPy) -> None:
        self.rules = rules
        self.facts: dict[str, Any] = {
            "genre": "research", "length": 1200, "submitted_at": START, "submitted_by": "li",
            "presented_at": NEVER, "answered_at": NEVER, "presented": 0,
        }  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self.hearings: list[dict[str, Any]] = []
        self.results: list[Any] = []

    def permits(self, event: Any) -> bool:  # noqa: ANN401 - what the machine passes
        """The role and the guard."""
        actor = event.kwargs["actor"]
        return "editor" in actor["roles"] and self.rules.permits(self.facts, actor)

    def keep(self, event: Any) -> None:  # noqa: ANN401 - what the machine passes
        """Keep the event and the facts that follow from it, then evaluate the rules."""
        name, given = event.event.name, event.kwargs
        self.events.append({"event": name, **given})
        hearing = {"at": given["at"], "actor": given["actor"]["id"], **given["data"]}
        self.hearings.append(hearing)
        facts = self.facts
        if name == "present":
            facts["presented"] += 1
        field = "presented_at" if name == "present" else "answered_at"
        facts[field] = min(facts[field], given["at"])
        self.results = self.rules.results(facts, hearing, given["at"])


def peer(rules: type[CelExpr | CelPy]) -> Task:
    """`transitions` with a machine over all models, conditions and callbacks by name."""
    compiled = rules()
    actor = {"id": "wang", "unit": "city_office", "roles": ["editor"]}
    transitions = [{**t, "conditions": "permits", "after": "keep"} for t in TRANSITIONS]

    def prepare() -> list[Any]:
        models: list[Any] = [Report(compiled) for _ in range(CASES)]
        Machine(
            model=models, states=STATES, transitions=transitions, initial="desk",
            auto_transitions=False, send_event=True,
        )  # fmt: skip
        for model in models:
            model.present(actor=actor, at=START + HOUR, data=DATA)
            model.answer(actor=actor, at=START + 2 * HOUR, data=DATA)
        if models[0].results != ["met", "met", 5, 10, 6, 3]:
            message = f"unexpected results: {models[0].results}"
            raise AssertionError(message)
        return models

    def run(model: Any) -> None:  # noqa: ANN401 - the machine adds its methods
        model.present(actor=actor, at=START + 3 * HOUR, data=DATA)

    return Task(prepare, run)
