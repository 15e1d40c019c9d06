"""All possible cases: promises of a ruleset proved, or broken by a case that anybody can check."""

from __future__ import annotations

from kaocheng.evaluate.proof.lemmas import Lemma
from kaocheng.evaluate.proof.prove import prove
from kaocheng.evaluate.proof.results import Counterexample, Proof, Reason, ShownRow

__all__ = ["Counterexample", "Lemma", "Proof", "Reason", "ShownRow", "prove"]
