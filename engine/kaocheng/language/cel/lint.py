"""Why an expression cannot be read, in the words of whoever wrote it.

Only texts that CEL's parser has refused come here. First the characters and words that no
expression may have outside quotes are reported; if there are none, the places where a
value, an operator or a bracket is missing.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import TYPE_CHECKING

from kaocheng.language.cel import syntax_codes
from kaocheng.language.cel.findings import Finding, shown
from kaocheng.language.cel.structure import Structure
from kaocheng.language.cel.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_LARGEST = 2**63 - 1
_ESCAPE = re.compile(
    r"\\(?:[abfnrtv\"'?`\\]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|(.))",
    re.DOTALL,
)
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_WIDE = {
    "\u3001": ",", "\u3002": ".", "\u2018": "'", "\u2019": "'", "\u201c": "'", "\u201d": "'",
    "\u300c": "'", "\u300d": "'", "\u3000": " ", "\u00a0": " ",
}  # fmt: skip
_QUOTES = "\u2018\u201c\u300c"
_SIGNS = {
    "\u2265": ">=", "\u2264": "<=", "\u2260": "!=", "\u00d7": "*", "\u2227": "&&", "\u2228": "||",
    "\u00ac": "!", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00f7": "ratio(a, b, digits)",
    "===": "==", "!==": "!=", "=": "==", "<>": "!=", "=<": "<=", "=>": ">=",
    "&": "&&", "|": "||", "**": "a * a",
}  # fmt: skip
_JOINING = {
    "and": "&&", "or": "||", "is": "==", "equals": "==",
    "且": "&&", "并且": "&&", "而且": "&&", "或": "||", "或者": "||", "等于": "==",
    "不等于": "!=", "大于": ">", "小于": "<", "不大于": "<=", "不小于": ">=",
}  # fmt: skip
_NEGATING = {"not": "!", "非": "!", "不是": "!"}


def lint(text: str) -> list[Finding]:
    """What is wrong with a text that CEL's parser refused; empty when nothing is recognised."""
    pieces = list(tokens(text))
    around = zip([None, *pieces], pieces, [*pieces[1:], None], strict=False)
    wrong = [_word(*three) or list(_characters(three[1])) for three in around]
    return list(chain.from_iterable(wrong)) or Structure(pieces).findings()


def _characters(token: Token) -> Iterator[Finding]:
    """The faults that a token has by itself."""
    seen = shown(token.text)
    match token.kind:
        case "wide":
            instead = _half_width(token.text)
            yield Finding.of(syntax_codes.FULL_WIDTH, token, seen=seen, instead=instead)
        case "quote":
            quote = token.text[0]
            yield Finding(syntax_codes.OPEN_QUOTE, token.start, token.start + 1, {"seen": quote})
        case "number":
            yield from _number(token)
        case "sign" | "operator" if token.text in _SIGNS:
            instead = _SIGNS[token.text]
            yield Finding.of(syntax_codes.NO_SUCH_OPERATOR, token, seen=seen, instead=instead)
        case "other":
            yield Finding.of(syntax_codes.STRAY_TEXT, token, seen=seen)
        case "text":
            yield from _escapes(token)
        case _:
            pass


def _half_width(text: str) -> str:
    """What to write in place of full-width characters, or of text in full-width quotes."""
    if text[0] in _QUOTES and len(text) > 1:
        return f"'{text[1:-1]}'"
    half = unicodedata.normalize("NFKC", text)
    return _WIDE.get(text) or _SIGNS.get(half, half)


def _number(token: Token) -> Iterator[Finding]:
    if not _NUMBER.fullmatch(token.text):
        yield Finding.of(syntax_codes.NUMBER_FORM, token, seen=token.text)
    elif "." not in token.text and not _fits(token.text):
        yield Finding.of(syntax_codes.NUMBER_RANGE, token, seen=token.text)


def _fits(digits: str) -> bool:
    """Whether it is a 64 bit number; the length goes first, very long numbers are slow."""
    return len(digits) <= len(str(_LARGEST)) and int(digits) <= _LARGEST


def _escapes(token: Token) -> Iterator[Finding]:
    body = token.text.lstrip("bBrR")
    prefix = token.text[: len(token.text) - len(body)]
    if "r" in prefix.lower():
        return
    first = token.start + len(prefix)
    for found in _ESCAPE.finditer(body):
        if found[1] is not None:
            start, end = found.span()
            values = {"seen": shown(found[0])}
            yield Finding(syntax_codes.BAD_ESCAPE, first + start, first + end, values)


def _word(before: Token | None, token: Token, after: Token | None) -> list[Finding]:
    """The fault of a word that stands for an operator, or is reserved."""
    if token.kind not in {"word", "other"} or (before is not None and before.text == "."):
        return []
    instead = _meant(before, token.text.lower(), after)
    if instead:
        code = syntax_codes.NO_SUCH_OPERATOR
        return [Finding.of(code, token, seen=token.text, instead=instead)]
    if token.text in _RESERVED:
        return [Finding.of(syntax_codes.RESERVED_WORD, token, seen=token.text)]
    return []


def _meant(before: Token | None, word: str, after: Token | None) -> str | None:
    """The operator that a word between its neighbours stands for."""
    begins = after is not None and after.begins_value
    if word in _NEGATING and after is not None and after.text == "in":
        return "!(a in b)"
    if word in _JOINING and before is not None and before.ends_value and begins:
        return _JOINING[word]
    return _NEGATING[word] if word in _NEGATING and begins else None
