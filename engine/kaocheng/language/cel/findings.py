"""What is found wrong with a text, before it has a place in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaocheng.diagnostics import Code
    from kaocheng.language.cel.tokens import Token


@frozen
class Finding:
    """A code with its values at the text from `start` to `end`, in code points."""

    code: Code
    start: int
    end: int
    values: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, code: Code, token: Token, **values: str) -> Finding:
        """A finding about one token."""
        return cls(code, token.start, token.end, values)


def shown(text: str) -> str:
    """The text as a message can show it: invisible characters by their number."""
    return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in text)
