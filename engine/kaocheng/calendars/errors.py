"""What clock arithmetic refuses: always a sentence for the user, in two languages.

    ClockError a date, limit, zone or calendar that cannot be used ├──
    UnknownZoneError a time zone that nobody knows; `.suggestion` is the nearest known name └──
    OutsideEdition a day that the calendar edition does not cover

A caller that evaluates rules catches `ClockError` and yields *unknown* with the sentence as its
reason. It is a `ValueError` too, so that converters may catch what converters usually catch.
"""

from __future__ import annotations

from kaocheng.errors import KaochengError


class ClockError(KaochengError, ValueError):
    """A date, limit, zone or calendar cannot be used; the message says why."""

    def __init__(self, message: str, *, zh: str = "") -> None:
        self.message = message
        self.zh = zh or message
        super().__init__(message)


class UnknownZoneError(ClockError):
    """No time zone has this name; `suggestion` is the nearest one that exists."""

    def __init__(self, name: str, suggestion: str | None = None) -> None:
        self.name = name
        self.suggestion = suggestion
        hint = f"; did you mean `{suggestion}`" if suggestion else ""
        hint_zh = f"；是否想写 `{suggestion}`" if suggestion else ""
        super().__init__(f"there is no time zone `{name}`{hint}", zh=f"没有时区 `{name}`{hint_zh}")


class OutsideEdition(ClockError):  # noqa: N818 - the name says what happened, as StopIteration does
    """A calendar edition was asked about a day that it does not cover.

    `covered` is its first and last day; `wanted` says what was looked for, in both languages.
    """

    def __init__(self, edition: str, covered: tuple[str, str], wanted: str, wanted_zh: str) -> None:
        self.edition = edition
        first, last = covered
        super().__init__(
            f"the calendar `{edition}` covers {first} to {last} and does not reach {wanted}",
            zh=f"日历 `{edition}` 只覆盖 {first} 至 {last}，不包括{wanted_zh}",
        )
