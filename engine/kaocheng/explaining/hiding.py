"""Explanations for those who may not read every case: nothing that rests on others is said."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from kaocheng.explaining.model import Explanation, Line
from kaocheng.explaining.texts import say


def hidden(
    explanations: Sequence[Explanation], known: Sequence[Explanation]
) -> tuple[Explanation, ...]:
    """The explanations without what does not follow from the cases that may be read.

    A line stays where the explanation of those cases alone, `known`, has the same line at
    the same place. So whatever hidden cases hold, it changes no line that is said, only
    whether it is said; and what would be wrong, because the hidden cases count, is not said.
    """
    found = (_kept(explanation, known) for explanation in explanations)
    return tuple(dict.fromkeys(found))


def _kept(explanation: Explanation, known: Sequence[Explanation]) -> Explanation:
    of_row = [other for other in known if _place(other) == _place(explanation)]
    lines = of_row[0].lines if of_row else ()
    return evolve(explanation, lines=_common(explanation.lines, lines))


def _place(explanation: Explanation) -> tuple[object, ...]:
    """Which rule it is of, and which row: that is what its first line says."""
    return explanation.rule, explanation.present, explanation.heading, _words(explanation.lines[:1])


def _words(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return [(line.en, line.zh) for line in lines]


def _common(lines: Sequence[Line], known: Sequence[Line]) -> tuple[Line, ...]:
    """The lines that both have; for all others, however many, one that says so."""
    others = dict(zip(_words(known), known, strict=True))
    found: dict[Line, None] = {}
    for line in lines:
        other = others.get((line.en, line.zh))
        kept = say("hidden") if other is None else line
        below = () if other is None else _common(line.below, other.below)
        found[evolve(kept, below=below)] = None
    return tuple(found)
