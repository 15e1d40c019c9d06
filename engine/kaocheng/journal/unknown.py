"""Names that do not exist: each kind of name with its sentence, and the nearest that does exist."""

from __future__ import annotations

from collections.abc import Collection

from kaocheng.errors import UnknownNameError
from kaocheng.journal.texts import Message, did_you_mean, shown

NO_EVALUATOR = Message(
    "no_evaluator", "there is no evaluator `{seen}`{hint}", "没有求值器 `{seen}`{hint}"
)
NO_KIND = Message(
    "no_kind", "the ruleset has no kind `{seen}`{hint}", "规则集没有类别 `{seen}`{hint}"
)
NO_PERIOD = Message(
    "no_period",
    "the ruleset has no rows for the period `{seen}`{hint}",
    "规则集没有周期 `{seen}` 的结果{hint}",
)
NO_PERIOD_KNOWN = Message(
    "no_period_known",
    "the ruleset has no rows for the period `{seen}` by what was known at `{known_at}`{hint}",
    "按截至 `{known_at}` 获知的情况，规则集没有周期 `{seen}` 的结果{hint}",
)
NO_RULE = Message(
    "no_rule", "the ruleset has no rule `{seen}`{hint}", "规则集没有规则 `{seen}`{hint}"
)
NO_STATE = Message(
    "no_state",
    "no lifecycle of the ruleset has a state `{seen}`{hint}",
    "规则集的流程中没有状态 `{seen}`{hint}",
)
NO_STATE_OF = Message(
    "no_state_of",
    "the lifecycle of `{kind}` has no state `{seen}`{hint}",
    "`{kind}` 的流程中没有状态 `{seen}`{hint}",
)


def check_known(
    argument: str, seen: object, known: Collection[str], message: Message, **values: str
) -> None:
    """Refuse a name that is none of those there are.

    Raises:
        UnknownNameError: it offers the nearest.
    """
    if not isinstance(seen, str) or seen not in known:
        raise unknown(argument, seen, known, message, **values)


def unknown(
    argument: str, seen: object, known: Collection[str], message: Message, **values: str
) -> UnknownNameError:
    """What is said of a name that is none of those there are: the nearest."""
    hint = did_you_mean(shown(seen), sorted(known))
    text = message.fill(seen=shown(seen), hint=hint, **values)
    return UnknownNameError(argument, text.en, zh=text.zh)
