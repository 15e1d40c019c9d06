"""What a row finally gave: findings raised, points posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaocheng.explaining.groups import trimmed
from kaocheng.explaining.model import Line
from kaocheng.explaining.texts import say, word
from kaocheng.language.types import DATE

if TYPE_CHECKING:
    from kaocheng.explaining.steps import Walk


def result_lines(walk: Walk) -> Iterator[Line]:
    """The findings and entries of the row."""
    for name in _raised(walk):
        for found in walk.subject.assessment.rows(name):
            if all(found.get(key, value) == value for key, value in walk.key.items()):
                yield say(
                    "raises", finding=word(str(found["finding"])), stage=word(str(found["stage"]))
                )
    if walk.rule.collection == "findings":
        for found in walk.results:
            yield say(
                "raises", finding=word(str(found["finding"])), stage=word(str(found["stage"]))
            )
    if walk.rule.collection == "entries":
        yield from _entries(walk)


def _raised(walk: Walk) -> list[str]:
    prefix = f"{walk.rule.id}."
    return [
        rule.id
        for rule in walk.subject.plan.rules
        if rule.collection == "findings" and rule.id.startswith(prefix)
    ]


def _entries(walk: Walk) -> Iterator[Line]:
    columns = walk.rule.relation.columns
    for entry in walk.results:
        if entry["undetermined"]:
            continue
        amount = walk.subject.show(entry["amount"], columns["amount"], walk.version)[0]
        yield say(
            "posted",
            account=_account(walk, str(entry["account"])),
            who=walk.subject.assessment.name_of(str(entry["recipient"])),
            amount=trimmed(amount),
            day=walk.subject.show(entry["posted_on"], DATE, walk.version),
        )


def _account(walk: Walk, name: str) -> tuple[str, str]:
    text = walk.subject.text_of(name, walk.version)
    titles = {} if text is None else text.titles
    return (titles.get("en", f"`{name}`"), titles.get("zh", f"`{name}`"))
