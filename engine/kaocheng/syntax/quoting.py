"""YAML's quotes: how to write a value in them, and where each character of one came from."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST_EXAMPLE = 60

# A line break in quotes with the blanks around it; several breaks in a row are kept but one.
_FOLD = r"[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*"
# A run of blanks is one piece, else a long run that ends in no break would be read over and over.
_SINGLE = re.compile(rf"''|{_FOLD}|[ \t]+|.", re.DOTALL)
_DOUBLE = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n(?:[ \t]*\r?\n)*[ \t]*|.)"
    rf"|{_FOLD}|[ \t]+|.",
    re.DOTALL,
)


def quoted(text: str) -> str:
    """`text` as a writer would put it in double quotes, on one line; a long one is cut short."""
    line = " ".join(part.strip() for part in text.strip().splitlines())
    kept = line if len(line) <= _LONGEST_EXAMPLE else line[:_LONGEST_EXAMPLE].rstrip() + "…"
    escaped = kept.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def shown(text: str) -> str:
    """`text` as a message shows it: one line, not long."""
    return text if len(text) <= _LONGEST_EXAMPLE and "\n" not in text else _shortened(text)


def origins(raw: str, style: str) -> tuple[int, ...]:
    """For each character that quoted `raw` stands for, where it begins; then the end of `raw`."""
    places: list[int] = []
    pieces = _DOUBLE if style == "double" else _SINGLE
    for piece in pieces.finditer(raw):
        places.extend(_origins_of(piece.group(), piece.start()))
    places.append(len(raw))
    return tuple(places)


def _origins_of(piece: str, start: int) -> Iterable[int]:
    breaks = piece.count("\n")
    if breaks:  # the first break is a space, and after a backslash nothing, when it stands alone
        return [start] * (breaks - 1 if piece[0] == "\\" else max(breaks - 1, 1))
    return range(start, start + len(piece)) if piece[0] in " \t" else [start]


def _shortened(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_EXAMPLE].rstrip() + "…"
