"""Where an expression that cannot be read lacks a value, an operator or a bracket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.language.cel import feature_codes, syntax_codes
from kaocheng.language.cel.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.diagnostics import Code
    from kaocheng.language.cel.tokens import Token

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ROLES = {"!": "prefix", "-": "minus", ",": "comma", "?": "question", ":": "colon", ".": "dot"}


class Structure:
    """Reads tokens from left to right; at each place either a value is wanted or an operator."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._findings: list[Finding] = []
        # What is still open, each with the token before it: brackets, and `?` without its `:`.
        self._pending: list[tuple[Token, Token | None]] = []
        self._wants_value = True
        self._sign: Token | None = None  # the `!` or `-` that the next value is under
        self._last: Token | None = None

    def findings(self) -> list[Finding]:
        """What is missing, in the order of writing."""
        for token in self._tokens:
            getattr(self, f"_on_{self._role(token)}")(token)
            self._last = token
        if self._wants_value and self._last is not None:
            self._report(syntax_codes.MISSING_AFTER, self._last)
        for token, _ in self._pending:
            self._report_pending(token)
        return sorted(self._findings, key=lambda finding: finding.start)

    def _role(self, token: Token) -> str:
        after_dot = self._last is not None and self._last.text == "."
        if token.kind in {"open", "close"}:
            return token.kind
        if token.kind == "operator":
            return _ROLES.get(token.text, "binary")
        return "binary" if token.text == "in" and not after_dot else "value"

    def _report(self, code: Code, token: Token, **values: str) -> None:
        self._findings.append(Finding.of(code, token, seen=token.text, **values))

    def _report_pending(self, token: Token) -> None:
        if token.text == "?":
            self._report(syntax_codes.HALF_CONDITIONAL, token, missing=":")
        else:
            self._report(syntax_codes.NOT_CLOSED, token, closing=_CLOSING[token.text])

    def _on_value(self, token: Token) -> None:
        if self._last is not None and self._last.text == "." and token.kind != "word":
            self._report(syntax_codes.MISSING_AFTER, self._last)
        elif not self._wants_value:
            self._report(syntax_codes.MISSING_OPERATOR, token)
        self._wants_value = False

    def _on_prefix(self, token: Token) -> None:
        if not self._wants_value:
            self._report(syntax_codes.MISSING_OPERATOR, token)
        self._signed(token, "-", "!")

    def _on_minus(self, token: Token) -> None:
        if self._wants_value:
            self._signed(token, "!", "!(-a)")
        self._wants_value = True

    def _signed(self, token: Token, other: str, instead: str) -> None:
        """Signs of one kind may follow each other, of two kinds not."""
        if self._sign is not None and self._sign is self._last and self._sign.text == other:
            values = {"seen": other + token.text, "instead": instead}
            code = syntax_codes.NO_SUCH_OPERATOR
            self._findings.append(Finding(code, self._sign.start, token.end, values))
        self._sign = token
        self._wants_value = True

    def _on_dot(self, _: Token) -> None:
        self._wants_value = True

    def _on_binary(self, token: Token) -> None:
        if self._wants_value:
            self._report(syntax_codes.MISSING_BEFORE, token)
        self._wants_value = True

    def _on_comma(self, token: Token) -> None:
        brackets = [pending for pending in self._pending[-2:] if pending[0].text != "?"]
        if not brackets or (brackets[-1][0].text == "(" and not _is_word(brackets[-1][1])):
            self._report(syntax_codes.NO_SUCH_OPERATOR, token, instead="&&")
            self._wants_value = True
        else:
            self._on_binary(token)

    def _on_question(self, token: Token) -> None:
        if self._last is not None and self._last.text in {".", "["}:
            self._report(feature_codes.OPTIONAL, token)
            return
        if self._pending and self._pending[-1][0].text == "?":
            self._report(syntax_codes.NESTED_CONDITIONAL, token)
        self._on_binary(token)
        self._pending.append((token, self._last))

    def _on_colon(self, token: Token) -> None:
        top = self._pending[-1][0].text if self._pending else ""
        if top == "?":
            self._pending.pop()
        elif top != "{":
            self._report(syntax_codes.HALF_CONDITIONAL, token, missing="?")
        self._on_binary(token)

    def _on_open(self, token: Token) -> None:
        follows = {"(": _is_word(self._last), "[": True, "{": _is_word(self._last)}
        if not self._wants_value and not follows[token.text]:
            self._report(syntax_codes.MISSING_OPERATOR, token)
        self._pending.append((token, self._last))
        self._wants_value = True

    def _on_close(self, token: Token) -> None:
        while self._pending and self._pending[-1][0].text == "?":
            self._report_pending(self._pending.pop()[0])
        opening, before = self._pending[-1] if self._pending else (None, None)
        if self._wants_value and not self._may_end(token, opening, before):
            self._report(syntax_codes.MISSING_BEFORE, token)
        if opening is None or _CLOSING[opening.text] != token.text:
            self._report(syntax_codes.CLOSES_NOTHING, token)
        else:
            self._pending.pop()
        self._wants_value = False

    def _may_end(self, token: Token, opening: Token | None, before: Token | None) -> bool:
        """Whether brackets may end without a value: `[]`, `{}`, `f()` and `[a, ]`."""
        if self._last is None or opening is None:
            return True
        if self._last is opening:
            return token.text != ")" or _is_word(before)
        return self._last.text == "," and token.text != ")"


def _is_word(token: Token | None) -> bool:
    return token is not None and token.kind == "word" and token.text != "in"
