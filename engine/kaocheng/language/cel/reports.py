"""Collecting what is wrong with one expression."""

from __future__ import annotations

from kaocheng.diagnostics import Code, Diagnostic, Span

# Whoever has so many mistakes in one expression wants to see the first ones.
MOST = 20


class Reports:
    """The first diagnostics of an expression; those after the twentieth are not kept."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, code: Code, span: Span, *, suggestion: str | None = None, **values: str) -> None:
        """Report `code` at `span`; `values` fill its placeholders."""
        if not self.full:
            self.found.append(Diagnostic(code, span, values, suggestion))

    @property
    def full(self) -> bool:
        """Whether looking for more is of no use."""
        return len(self.found) >= MOST
