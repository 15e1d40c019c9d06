"""What the checker says: a code, a place, a sentence in two languages, and the way out.

The message standard: lower case, no full stop, what was seen in backticks, no
host-language type names, one sentence; the help stands apart and says what to
write instead. A `Code` is declared once, beside the stage that reports it.
"""

from __future__ import annotations

import difflib
import enum
import string
from collections.abc import Hashable, Iterable, Iterator, Mapping

from attrs import field, frozen


class Severity(enum.Enum):
    """How much a diagnostic weighs: an error refuses the ruleset, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@frozen(order=True)
class Span:
    """A stretch of a source file; lines and columns are 1-based and count code points.

    `end_column` is exclusive: the span of `abc` at the start of a line is columns 1 to 4.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def point(cls, file: str, line: int = 1, column: int = 1) -> Span:
        """The span of the single character at a place."""
        return cls(file, line, column, line, column + 1)

    def __str__(self) -> str:
        """The place as editors understand it: `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"


@frozen
class Code:
    """One kind of diagnostic: a stable id, a readable name and its texts.

    Texts are `str.format` templates over named placeholders; both languages use
    the same placeholders (a test holds them to it). `help` may be empty. Where a value is
    words and no name, its Chinese is given beside it: `{place}` is filled by `place` in
    English and by `place_zh` in Chinese.
    """

    id: str
    name: str
    en: str
    zh: str
    help_en: str = ""
    help_zh: str = ""
    severity: Severity = Severity.ERROR

    def placeholders(self, text: str) -> frozenset[str]:
        """The names of the placeholders in one of the texts."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


@frozen
class Label:
    """A second place that a diagnostic points at, with a few words in both languages."""

    span: Span
    en: str
    zh: str


@frozen
class Diagnostic:
    """One finding of the checker: `code` at `span`, its placeholders filled by `values`.

    `suggestion` is the nearest known name, shown as "did you mean".
    """

    code: Code
    span: Span
    values: dict[str, str] = field(factory=dict)
    suggestion: str | None = None
    labels: tuple[Label, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the ruleset is refused for this."""
        return self.code.severity is Severity.ERROR

    def message(self, language: str = "en") -> str:
        """The sentence in `language` (`en` or `zh`)."""
        template = self.code.zh if language == "zh" else self.code.en
        return template.format(**self._filled(language))

    def help(self, language: str = "en") -> str:
        """What to write instead in `language`, with "did you mean"; may be empty."""
        template = self.code.help_zh if language == "zh" else self.code.help_en
        parts = [template.format(**self._filled(language))] if template else []
        if self.suggestion is not None:
            parts.insert(0, _did_you_mean(self.suggestion, language))
        return "；".join(parts) if language == "zh" else "; ".join(parts)

    def _filled(self, language: str) -> dict[str, str]:
        """What fills the placeholders in `language`."""
        if language != "zh":
            return self.values
        return {name: self.values.get(f"{name}_zh", text) for name, text in self.values.items()}


def _did_you_mean(name: str, language: str) -> str:
    return f"是否想写 `{name}`" if language == "zh" else f"did you mean `{name}`"


def nearest(seen: str, known: Iterable[str]) -> str | None:
    """The known name most like what was seen and other than it, or None when nothing is near."""
    others = sorted(set(known) - {seen})
    matches = difflib.get_close_matches(seen, others, n=1, cutoff=0.6)
    return matches[0] if matches else None


def _identity(item: Diagnostic) -> Hashable:
    """What makes two diagnostics the same."""
    values = frozenset(item.values.items())
    return item.code.id, item.span, values, item.suggestion, item.labels


class Diagnostics:
    """Collects diagnostics while a stage runs, so that all of a file come out at once."""

    def __init__(self) -> None:
        self._items: dict[Hashable, Diagnostic] = {}

    def add(
        self,
        code: Code,
        span: Span,
        *,
        suggestion: str | None = None,
        labels: tuple[Label, ...] = (),
        words: Mapping[str, str] | None = None,
        **values: str,
    ) -> None:
        """Report `code` at `span`, once; `values`, and with them `words`, fill its placeholders."""
        self.extend([Diagnostic(code, span, {**values, **(words or {})}, suggestion, labels)])

    def extend(self, others: Iterable[Diagnostic]) -> None:
        """Take over diagnostics that another stage collected."""
        for item in others:
            self._items.setdefault(_identity(item), item)

    def __iter__(self) -> Iterator[Diagnostic]:
        """In the order of their places."""
        return iter(sorted(self._items.values(), key=lambda item: (item.span, item.code.id)))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._items)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Those that refuse the ruleset."""
        return tuple(item for item in self if item.is_error)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Those that do not."""
        return tuple(item for item in self if not item.is_error)
