"""Names that are taken: what one thing is called, nothing beside it may be called."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kaocheng.diagnostics import Diagnostics, Span
from kaocheng.language import codes
from kaocheng.language.documents import declared_first

What = tuple[str, str]
"""What a name stands for, in English and Chinese: `("a kind", "类别")`."""


@frozen
class _Claim:
    """What took a name, and where, unless the language itself did."""

    what: What
    span: Span | None


class Names:
    """The names of one place, such as the columns of a row or all that a rule can run over."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._claims: dict[str, _Claim] = {}

    def reserve(self, names: Iterable[str], what: What) -> None:
        """Names that are taken before anything is declared."""
        for name in names:
            self._claims.setdefault(name, _Claim(what, None))

    def claim(self, name: str, span: Span, what: What) -> bool:
        """Take a name for what is declared at `span`; False after reporting that it is taken."""
        known = self._claims.setdefault(name, _Claim(what, span))
        if known.span == span and known.what == what:
            return True
        taken(name, span, known.what, self._diagnostics, first=known.span)
        return False


def taken(
    name: str, span: Span, what: What, diagnostics: Diagnostics, *, first: Span | None = None
) -> None:
    """Report that a name is already that of something else, and where that is declared."""
    labels = () if first is None else (declared_first(name, first),)
    values = {"name": name, "what": what[0], "what_zh": what[1]}
    diagnostics.add(codes.NAME_TAKEN, span, labels=labels, words=values)
