"""What the lifecycle says about an event: allowed, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from kaocheng.diagnostics import Span
from kaocheng.journal.texts import Text
from kaocheng.language.expressions import NOWHERE
from kaocheng.lifecycle.messages import MESSAGES


@frozen
class Refusal:
    """One reason why an event was not accepted: a stable code, and what fills its text."""

    code: str
    values: Mapping[str, str | Text] = field(factory=dict)

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        return MESSAGES[self.code].fill(**self.values)

    def message(self, language: str = "en") -> str:
        """The sentence in `language` (`en` or `zh`)."""
        return self.text.zh if language == "zh" else self.text.en


def joined(reasons: Iterable[Refusal], language: str = "en") -> str:
    """All reasons in one line."""
    separator = "；" if language == "zh" else "; "
    return separator.join(reason.message(language) for reason in reasons)


@frozen
class Decision:
    """Whether an event is accepted, all reasons if not, and the state before and after.

    The state is None for kinds without a lifecycle.
    """

    allowed: bool
    reasons: tuple[Refusal, ...]
    state_before: str | None
    state_after: str | None

    def message(self, language: str = "en") -> str:
        """All reasons in one line; empty when it is allowed."""
        return joined(self.reasons, language)


@frozen
class Reading:
    """One fact that a guard reads: how it is written, its value, and how people read that."""

    text: str
    value: object
    shown: Text


@frozen(kw_only=True)
class Condition:
    """One condition of a transition and whether it holds; None is unknown.

    `what` is `role`, `once` (it has not happened yet) or `guard`. `refusal` says why
    the condition does not hold; it is None when it does.
    """

    what: str
    text: str
    holds: bool | None
    readings: tuple[Reading, ...] = ()
    refusal: Refusal | None = None
    span: Span = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Option:
    """One transition that leads from the present state, with all its conditions."""

    event: str
    target: str
    conditions: tuple[Condition, ...]
    titles: Mapping[str, str] = field(factory=dict)
    clause: str = ""

    @property
    def allowed(self) -> bool:
        """Whether every condition holds."""
        return all(condition.holds is True for condition in self.conditions)

    @property
    def reasons(self) -> tuple[Refusal, ...]:
        """Why not, if not."""
        return tuple(c.refusal for c in self.conditions if c.refusal is not None)
