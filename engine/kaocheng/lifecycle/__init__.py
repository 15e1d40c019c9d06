"""The lifecycle of a case: what may happen next, and every reason why not.

The only place that knows the library `transitions`, and only in `machine`, which is
imported when the first lifecycle is made.
"""

from kaocheng.lifecycle.adapter import CaseLifecycle
from kaocheng.lifecycle.arrows import replay, targets
from kaocheng.lifecycle.conditions import NOBODY, Asked
from kaocheng.lifecycle.decisions import Condition, Decision, Option, Reading, Refusal
from kaocheng.lifecycle.messages import MESSAGES
from kaocheng.lifecycle.readers import Access, CaseReaders

__all__ = [
    "MESSAGES",
    "NOBODY",
    "Access",
    "Asked",
    "CaseLifecycle",
    "CaseReaders",
    "Condition",
    "Decision",
    "Option",
    "Reading",
    "Refusal",
    "replay",
    "targets",
]
