"""What writers do: each act follows from the seed, the writer and its number alone.

So a writer that was killed can ask for the same act again, under the same key.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from kaocheng.calendars.numberline import parse_instant
from kaocheng.engine import Outcome
from kaocheng.model.events import Actor

START = parse_instant("2009-03-02T09:00:00+08:00")
MINUTE = 60_000_000
INCIDENTS = 3

# What happens to each report of a writer, and beside it to an incident that all share. The
# second `verify` is refused, as is the last `adopt`.
SCRIPT = (
    "submit", "log", "adopt", "send_back", "happen", "verify", "pause", "adopt", "log",
    "resume", "verify", "log", "close", "pause", "submit",
)  # fmt: skip


@frozen(kw_only=True)
class Act:
    """One act of a writer."""

    key: str
    case: str
    event: str
    at: int
    actor: Actor
    data: Mapping[str, object]


def act_of(seed: str, writer: int, number: int) -> Act:
    """The act of that number."""
    random_ = random.Random(f"{seed}/{writer}/{number}")
    key = f"w{writer}-{number}"
    turn, step = divmod(number, len(SCRIPT))
    event = SCRIPT[step]
    incident = f"incident/{random.Random(f'{seed}/{writer}/{turn}').randrange(INCIDENTS)}"
    case = incident if event in ("log", "happen") else f"report/{writer}-{turn}"
    data: dict[str, object] = {"ref": key}
    if event == "submit":
        data |= {"incident": incident, "unit": random_.choice(["信息科", "督查科"])}
    elif event == "adopt":
        data["outlet"] = random_.choice(["daily_express", "special_report"])
    elif event == "log":
        data["words"] = "记录" * random_.randrange(60)
    return Act(
        key=key,
        case=case,
        event=event,
        at=START + number * 20 * MINUTE + random_.randrange(-90, 10) * MINUTE,
        actor=Actor(id=random_.choice(["li", "wang"]), roles=("informant", "editor")),
        data=data,
    )


@frozen(kw_only=True)
class Said:
    """What a writer was told about an act, as its log has it."""

    number: int
    sequence: int  # nothing was kept where it is 0
    digest: str


def said_of(number: int, outcome: Outcome) -> Said:
    """What an outcome says."""
    seen = (
        outcome.accepted,
        outcome.state,
        [(rule, [view.row for view in outcome.results[rule]]) for rule in outcome.results],
        [view.row for view in outcome.findings],
        outcome.results.as_of,
    )
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
    sequence = 0 if outcome.event is None else outcome.event.sequence
    return Said(number=number, sequence=sequence, digest=digest)


def written(said: Said) -> bytes:
    """The line of a log."""
    return f"{json.dumps([said.number, said.sequence, said.digest])}\n".encode()


def read_log(path: Path) -> Iterator[Said]:
    """The lines of a log; none where there is no log yet."""
    if path.exists():
        for line in path.read_text().splitlines():
            number, sequence, digest = json.loads(line)
            yield Said(number=number, sequence=sequence, digest=digest)
