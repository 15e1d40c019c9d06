"""Assessing once more what circulars were drawn up from, each under its text of the ruleset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from kaocheng.assessing import Evaluator, assess
from kaocheng.assessment import Assessment
from kaocheng.journal.publications import Drawn, texts_of
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Event, Journal

# A circular and the last of its sort, and one of another sort that came between.
_AT_ONCE = 3


def assessing(
    events: Sequence[Event],
    ruleset: Ruleset,
    earlier: Iterable[Ruleset] = (),
    *,
    evaluator: Evaluator = "python",
) -> Callable[[Drawn], Assessment]:
    """Gives what a circular was drawn up from; the last few are kept, so that none is made twice.

    What nobody has said the text of, or what is under one that is not at hand, is under `ruleset`.
    """
    texts = texts_of(ruleset, earlier)

    @lru_cache(maxsize=_AT_ONCE)
    def assessed(drawn: Drawn) -> Assessment:
        journal = Journal(events=tuple(events[: drawn.end]))
        text = texts.get(drawn.versions, ruleset)
        return assess(
            text, journal, as_of=drawn.as_of, known_at=drawn.known_at, evaluator=evaluator
        )

    return assessed
