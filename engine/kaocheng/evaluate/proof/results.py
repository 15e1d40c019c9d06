"""What a proof says: a verdict, what it rests on, and a case that breaks the promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from kaocheng.evaluate.proof.lemmas import Lemma
from kaocheng.model.facts import Facts
from kaocheng.plan.properties import Property

Verdict = Literal["proved", "refuted", "unknown", "vacuous"]


@frozen(kw_only=True)
class ShownRow:
    """A row of a counterexample: values on the number line, and as people read them.

    Columns that the property does not depend on are left out.
    """

    relation: str
    values: Mapping[str, object]
    texts: Mapping[str, str]


@frozen(kw_only=True)
class Counterexample:
    """Facts under which the property fails, as the Python evaluator confirms.

    `sources` are the rows of the case behind each variable, `related` further rows that
    they refer to, and `derived` what the rules make of them. `facts` and `as_of` are all
    that is needed to assess the case again.
    """

    as_of: int
    as_of_text: str
    sources: Mapping[str, tuple[ShownRow, ...]]
    related: tuple[ShownRow, ...]
    derived: Mapping[str, ShownRow]
    facts: Facts


@frozen(kw_only=True)
class Reason:
    """Why there is no verdict, in both languages."""

    en: str
    zh: str


@frozen(kw_only=True)
class Proof:
    """The answer to one property.

    `lemmas` are those that a proof rests on; they say how the calendar was understood.
    `vacuous` is true when no case satisfies the premises, so that the promise says
    nothing; the verdict is then `vacuous` too. `reason` explains an `unknown`.
    """

    property: Property
    verdict: Verdict
    lemmas: tuple[Lemma, ...] = ()
    vacuous: bool = False
    counterexample: Counterexample | None = None
    reason: Reason | None = None
    milliseconds: float = field(default=0.0, eq=False)
