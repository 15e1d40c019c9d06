"""The exceptions of the library; detail lives in diagnostics, not in class names.

KaochengError
├── RulesetError        a ruleset does not check; `.diagnostics` says where and why
├── InputError          an input cannot be read; `.place` and `.message` say where and why
├── UnknownRulesetError a name that is neither a shipped ruleset nor a path
├── UnsupportedError    a back end cannot do an operation exactly and says which
├── ArgumentError       an argument cannot be used; `.argument` and `.reason` say which and why
│   └── UnknownNameError a name that does not exist; the sentence offers the nearest
├── StoreError          a database did not do what it was asked; `.retry` says whether to try again
│   └── JournalError    a line that it keeps cannot be read; `.line` and `.why` say which and why
│       └── MissingEventError an event is gone from it; `.case` and `.number` say which
└── DeliveryError       a channel did not take a message; `.final` says that it never will
"""

from __future__ import annotations

import re

from kaocheng.diagnostics import Diagnostic

_MOST_SHOWN = 200
_HALF = re.compile("[\ud800-\udfff]")


def cut(text: str, most: int = 60) -> str:
    """A text as a message quotes it: its beginning where it is long."""
    return text if len(text) <= most else f"{text[:most]}…"


def encodable(sentence: str) -> str:
    """A sentence as every output takes it: what it quotes may hold half of a surrogate pair."""
    return _HALF.sub("\ufffd", sentence)


def _again(
    kind: type[KaochengError], args: tuple[object, ...], facts: dict[str, object]
) -> KaochengError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__setstate__(facts)
    return error


class KaochengError(Exception):
    """The root of everything the library raises on purpose.

    `zh` is the sentence in Chinese, where there is one.
    """

    zh: str = ""

    def __reduce__(self) -> tuple[object, ...]:
        """With all its facts, whatever they were made from: pools of processes pass errors on."""
        return _again, (type(self), self.args, self.__dict__)


class RulesetError(KaochengError):
    """A ruleset does not check; all its diagnostics are in `diagnostics`."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        first = diagnostics[0]
        super().__init__(f"{first.span}: {first.message()} ({len(diagnostics)} in all)")


class InputError(KaochengError):
    """An input file cannot be read; `place` is `file`, `file:line` or `file:line:column`.

    `zh` is `message` in Chinese, without the place.
    """

    def __init__(self, place: str, message: str, *, zh: str = "") -> None:
        self.place = place
        self.message = message
        self.zh = zh or message
        super().__init__(f"{place}: {message}")


class UnknownRulesetError(KaochengError):
    """No ruleset of that name is installed and no such path exists."""

    def __init__(self, name: str, suggestion: str | None = None) -> None:
        self.name = name
        self.suggestion = suggestion
        hint = f"；是否想写 `{suggestion}`" if suggestion else ""
        self.zh = encodable(f"没有已安装的规则集 `{name}`，也没有这一路径{hint}")
        hint = f"; did you mean `{suggestion}`" if suggestion else ""
        said = f"no ruleset `{name}` is installed and no such path exists{hint}"
        super().__init__(encodable(said))


class UnsupportedError(KaochengError):
    """A back end cannot do an operation exactly; `operation` and `back_end` name both."""

    def __init__(self, operation: str, back_end: str, reason: str, *, zh: str) -> None:
        self.operation = operation
        self.back_end = back_end
        self.zh = f"`{back_end}` 无法准确完成 `{operation}`：{zh}"
        super().__init__(f"{back_end} cannot do `{operation}` exactly: {reason}")


class ArgumentError(KaochengError, ValueError, TypeError):
    """An argument is of another type, or is none that there can be.

    It is a `ValueError` and a `TypeError` as well, for callers that catch what Python raises.
    """

    def __init__(self, argument: str, reason: str, *, zh: str = "") -> None:
        self.argument = argument
        self.reason = encodable(reason)
        self.zh = encodable(f"`{argument}` {zh}") if zh else ""
        super().__init__(f"`{argument}` {self.reason}")


class UnknownNameError(ArgumentError, KeyError):
    """There is no kind, state, rule, period or evaluator of that name; a `KeyError` as well.

    The sentence, which is `reason`, offers the nearest name.
    """

    def __init__(self, argument: str, reason: str, *, zh: str) -> None:
        super().__init__(argument, reason)
        self.zh = encodable(zh)
        self.args = (self.reason,)

    def __str__(self) -> str:
        """The sentence: a `KeyError` would quote it."""
        return self.reason


class StoreError(KaochengError):
    """A database did not do what it was asked, or is not one that this version can use.

    `retry` says that the same may work later; `uncertain` that nobody can say whether it
    was kept, so that an act is to be done again under the same idempotency key.
    """

    def __init__(
        self, reason: str, *, zh: str = "", retry: bool = False, uncertain: bool = False
    ) -> None:
        self.reason = reason
        self.zh = zh
        self.retry = retry
        self.uncertain = uncertain
        super().__init__(reason)


class JournalError(StoreError):
    """A line that a database keeps cannot be read, so that somebody has changed it.

    `line` is as much of it as a person wants to see, `why` is what is wrong with it, and
    `why_zh` the same in Chinese.
    """

    def __init__(self, line: str, why: str, *, zh: str) -> None:
        self.line = cut(line, _MOST_SHOWN)
        self.why = why
        self.why_zh = zh
        super().__init__(
            f"a line of the journal cannot be read: {why}; `kaocheng audit verify` says where",
            zh=f"台账中有一行无法读取：{zh}；可用 `kaocheng audit verify` 查明其位置",
        )


class MissingEventError(JournalError):
    """An event is gone from a database, so that somebody has removed it.

    It is the event with the `number` of the `case`; where the whole journal was read, that of
    the journal, and no case.
    """

    def __init__(self, case: str | None, number: int) -> None:
        self.case = case
        self.number = number
        of = "the journal" if case is None else f"`{case}`"
        self.line = ""
        self.why = f"event {number} of {of} is missing"
        self.why_zh = f"{'台账' if case is None else f'`{case}` '}的第 {number} 号事件缺失"
        StoreError.__init__(
            self,
            f"{self.why}; `kaocheng audit verify` says what else",
            zh=f"{self.why_zh}；可用 `kaocheng audit verify` 查明",
        )


class DeliveryError(KaochengError):
    """A channel did not take a message; `reason` says why.

    `final` says that it never will, so that nobody tries again; `after` how many seconds
    whoever is to take it wants to be left alone.
    """

    def __init__(self, reason: str, *, final: bool = False, after: int = 0) -> None:
        self.reason = reason
        self.final = final
        self.after = after
        super().__init__(reason)
