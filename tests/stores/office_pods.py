"""Engines of two texts of the office's ruleset on one store, as while one replaces the other."""

from __future__ import annotations

import json
from typing import Any

from kaocheng import Actor, Ruleset
from kaocheng.calendars.numberline import HOUR
from kaocheng.engine import Engine, Outcome
from kaocheng.engine.migrating import MigrationPlan
from kaocheng.stores import SqlStore
from kaocheng.testing._store_test import MORNING, office
from kaocheng.testing.durable import Kept

LI = Actor(id="li", roles=("informant", "verifier", "editor"))
DONE = MORNING + 50 * HOUR
UNIT = {"unit": "unit/a"}
OF_INCIDENT = UNIT | {"incident": "incident/1"}


class Pods:
    """Engines of the old and of the new text on one store, with one clock."""

    def __init__(self, store: SqlStore, corrected: Ruleset) -> None:
        self.store = store
        self.now = MORNING
        old = office()
        self.old = Engine(old.ruleset, store=store, program=old.program, clock=lambda: self.now)
        self.new = Engine(corrected, store=store, clock=lambda: self.now)

    def happen(self, engine: Engine, case: str, **options: Any) -> Outcome:  # noqa: ANN401
        """An incident."""
        return engine.act(case, "happen", UNIT, actor=LI, at=self.now, **options)

    def submit(self, engine: Engine, case: str, **options: Any) -> Outcome:  # noqa: ANN401
        """A report of the incident."""
        return engine.act(case, "submit", OF_INCIDENT, actor=LI, at=self.now, **options)

    def kept(self) -> Kept:
        """All that the database has."""
        with self.store.engine.begin() as connection:
            return Kept.read(connection, self.store.tenant)

    def plan(self) -> MigrationPlan:
        """What the old engine plans."""
        return self.old.plan_migration(self.new.ruleset)

    def migrate(self, plan: MigrationPlan | None = None) -> int:
        """What the new engine makes of it."""
        plan = self.plan() if plan is None else plan
        return self.new.migrate(plan, at=self.now, reason="a corrected text")

    def told(self) -> list[tuple[str, str, str]]:
        """All that others were told of findings: the kind, the case, and the finding."""
        messages = [json.loads(str(row["message"])) for row in self.kept().rows["outbox"]]
        return [
            (message["type"].removeprefix("kaocheng."), message["subject"], finding)
            for message in messages
            if (finding := message["data"].get("finding"))
        ]


def codes(outcome: Outcome) -> list[str]:
    """Why an act was refused."""
    return [reason.code for reason in outcome.reasons]
