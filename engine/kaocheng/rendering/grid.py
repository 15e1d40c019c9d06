"""Tables of text that fit a width: nothing is cut off, and names break where they have joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen
from rich.cells import cell_len

_GAP = 2
# A word may be broken behind these, but a date may not, and nothing begins or ends a line with
# the wrong bracket.
_JOINTS = "-_/.:#@"
_CLOSING = "）」』”’》〉】、，。；：！？…"
_OPENING = "（「『“‘《〈【"
# Where nothing else leaves room, words are broken into parts of this many characters.
_HARD_LEAST = 6
Words = Callable[[str], Iterator[str]]


@frozen
class Column:
    """A column: its head, which side it keeps to, and whether its cells may be broken."""

    head: str
    right: bool = False
    whole: bool = False


def boxed(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> Iterator[str]:
    """The lines of a table in a box."""
    widths = _widths(columns, rows, room - 3 * len(columns) - 1)
    bars = ["━" * (width + 2) for width in widths]
    yield f"┏{'┳'.join(bars)}┓"
    for line in _lines(columns, [column.head for column in columns], widths):
        yield f"┃ {' ┃ '.join(line)} ┃"
    yield f"┡{'╇'.join(bars)}┩"
    for row in rows:
        for line in _lines(columns, row, widths):
            yield f"│ {' │ '.join(line)} │"
    yield f"└{'┴'.join('─' * (width + 2) for width in widths)}┘"


def bare(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> Iterator[str]:
    """The lines of a table without a box."""
    widths = _widths(columns, rows, room - _GAP * (len(columns) - 1))
    for row in ([column.head for column in columns], *rows):
        for line in _lines(columns, row, widths):
            yield (" " * _GAP).join(line).rstrip()


def _lines(
    columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]
) -> Iterator[list[str]]:
    """One row as lines of cells that fill their columns."""
    cells = [broken(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells), default=0)):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        yield [
            _filled(part, width, right=column.right)
            for part, width, column in zip(parts, widths, columns, strict=True)
        ]


def _filled(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column: what its texts want, less where there is no room for all."""
    texts = [[column.head, *(row[i] for row in rows)] for i, column in enumerate(columns)]
    wanted = [max(map(cell_len, column)) for column in texts]
    widths = wanted
    for words in (_spaced, _words, _shortest):
        least = [_least(column, cells, words) for column, cells in zip(columns, texts, strict=True)]
        widths = _shrunk(widths, least, room)
    if widths == wanted:
        return widths
    used = [_used(cells, width) for cells, width in zip(texts, widths, strict=True)]
    return _grown(used, wanted, room - sum(used))


def _shrunk(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths that fit the room, the widest giving way first, none below its least."""
    shrunk = list(widths)
    while sum(shrunk) > room:
        wide = [i for i, width in enumerate(shrunk) if width > least[i]]
        if not wide:
            break
        shrunk[max(wide, key=lambda i: shrunk[i])] -= 1
    return shrunk


def _used(texts: Sequence[str], width: int) -> int:
    """What a column of that width needs once its texts are broken."""
    return max((cell_len(line) for text in texts for line in broken(text, width)), default=0)


def _grown(widths: Sequence[int], wanted: Sequence[int], left: int) -> list[int]:
    """What is left over goes to the columns that need least to stay unbroken."""
    grown = list(widths)
    for i in sorted(range(len(grown)), key=lambda i: wanted[i] - grown[i]):
        if wanted[i] - grown[i] <= left:
            left -= wanted[i] - grown[i]
            grown[i] = wanted[i]
    return grown


def _least(column: Column, texts: Sequence[str], words: Words) -> int:
    """The least width of a column: that of its longest word, or of its longest cell."""
    head, *cells = texts
    longest = [_longest(head, words), *(0 if column.whole else _longest(c, words) for c in cells)]
    whole = [cell_len(cell) for cell in cells] if column.whole else []
    return max(1, *whole, *longest)


def _longest(text: str, words: Words) -> int:
    return max((cell_len(word.rstrip()) for word in words(text)), default=0)


def _spaced(text: str) -> Iterator[str]:
    """The parts between spaces: names and numbers stay whole as long as there is room."""
    yield from text.split(" ")


def _shortest(text: str) -> Iterator[str]:
    """The parts of a text that has to be broken anywhere."""
    yield from (word[:_HARD_LEAST] for word in _words(text))


def broken(text: str, width: int) -> list[str]:
    """A text as lines of at most that width, broken between words where that is possible."""
    lines, line = [], ""
    for word in (part for whole in _words(text) for part in _short(whole, width)):
        if line and cell_len((line + word).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


def _short(word: str, width: int) -> Iterator[str]:
    """A word in parts of at most that width."""
    part = ""
    for char in word:
        if part and char != " " and cell_len(part + char) > width:
            yield part
            part = ""
        part += char
    yield part


def _words(text: str) -> Iterator[str]:
    """The parts that a text may be broken into, with the spaces behind them."""
    word = ""
    for place, char in enumerate(text):
        word += char
        following = text[place + 1 : place + 2]
        if following and _may_break(text[max(0, place - 1) : place], char, following):
            yield word
            word = ""
    if word:
        yield word


def _may_break(first: str, before: str, after: str) -> bool:
    if after == " " or after in _CLOSING or before in _OPENING:
        return False
    if before == " " or cell_len(before) > 1 or cell_len(after) > 1:
        return True
    return before in _JOINTS and not (first.isdigit() and after.isdigit())
