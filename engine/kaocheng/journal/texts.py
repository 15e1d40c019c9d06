"""Sentences in both languages: what is said about lines, rows and events that do not fit.

The message standard is that of `kaocheng.diagnostics`. A `Message` is a pair of
templates; its values are strings, or a `Text` where the two languages differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import field, frozen

from kaocheng.calendars.errors import ClockError
from kaocheng.diagnostics import nearest
from kaocheng.errors import InputError, cut, encodable
from kaocheng.model.events import Unreadable


@frozen
class Text:
    """One sentence, or part of one, in English and Chinese."""

    en: str
    zh: str


NOTHING = Text("", "")
NO_TIME = Text(
    "must be microseconds since 1970 UTC, or text such as `2009-03-02T09:00:00+08:00`, which"
    " `isoformat()` gives",
    "应为自 1970 年（UTC）起的微秒数，或如 `2009-03-02T09:00:00+08:00` 的文本"
    "（可由 `isoformat()` 得出）",
)


@frozen
class Message:
    """A sentence to fill: `name` is stable, both templates have the same placeholders."""

    name: str
    en: str
    zh: str

    def fill(self, **values: str | Text) -> Text:
        """The sentence in both languages."""
        en = {name: v.en if isinstance(v, Text) else v for name, v in values.items()}
        zh = {name: v.zh if isinstance(v, Text) else v for name, v in values.items()}
        return Text(encodable(self.en.format(**en)), encodable(self.zh.format(**zh)))

    def unreadable(self, place: str, **values: str | Text) -> Unreadable:
        """The sentence about a line that gave no event."""
        text = self.fill(**values)
        return Unreadable(place=place, en=text.en, zh=text.zh)

    def refusal(self, place: str, **values: str | Text) -> InputError:
        """The sentence about a whole file, ready to be raised."""
        text = self.fill(**values)
        return InputError(place, text.en, zh=text.zh)


class Unfit(ValueError):  # noqa: N818 - it never leaves the package: it becomes an `Unreadable`
    """A line or a value does not fit; `text` says why, `column` where in its line."""

    def __init__(self, text: Text, *, column: int | None = None) -> None:
        self.text = text
        self.column = column
        super().__init__(text.en)

    def unreadable(self, place: str) -> Unreadable:
        """As a line that gave no event."""
        where = place if self.column is None else f"{place}:{self.column}"
        return Unreadable(place=where, en=self.text.en, zh=self.text.zh)


@frozen(kw_only=True)
class Problem:
    """Something in the history that does not fit the ruleset: reported, never dropped in silence.

    `code` is the name of its message (`out_of_order`); `place` is `case#sequence`.
    """

    code: str
    place: str
    en: str = field(eq=False)
    zh: str = field(eq=False)


def problem(message: Message, place: str, **values: str | Text) -> Problem:
    """The message as a problem at a place."""
    text = message.fill(**values)
    return Problem(code=message.name, place=place, en=text.en, zh=text.zh)


def clock_text(error: ClockError) -> Text:
    """What a clock error says."""
    return Text(error.message, error.zh)


def did_you_mean(seen: str, known: Iterable[str]) -> Text:
    """The end of a sentence that offers the nearest known name; empty when none is near."""
    names_known = tuple(known)
    # Spelling apart from capitals is nearer than any likeness.
    same = [name for name in names_known if name.casefold() == seen.casefold()]
    name = min(same) if same else nearest(seen, names_known)
    if name is None:
        return NOTHING
    return Text(f"; did you mean `{name}`", f"；是否想写 `{name}`")


def says(message: str, chinese: Mapping[str, str]) -> Text:
    """What a reader of Python says, in both languages; the Chinese by how the English begins."""
    known = (zh for begins, zh in chinese.items() if message.startswith(begins))
    return Text(message[:1].lower() + message[1:], next(known, message))


def names(items: Iterable[str]) -> Text:
    """Names in backticks, as either language lists them."""
    quoted = [f"`{item}`" for item in items]
    return Text(", ".join(quoted), "、".join(quoted))


def shown(value: object) -> str:
    """A value of a line as it stood there, cut when it is long."""
    if isinstance(value, str | Decimal):
        text = str(value)
    else:
        try:
            text = json.dumps(value, ensure_ascii=False, default=str)
        except Exception:  # noqa: BLE001 - thousands of digits, a ring, or a `__repr__` that fails
            text = "…"
    return cut(text)
