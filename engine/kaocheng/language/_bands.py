"""What the rows of a table that compares cover: rows never reached, and bands without a row.

Each column falls into bands within which no row tells values apart: what lies between two bounds
that are next to each other, or a value that rows name. One value of a band stands for all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import field, frozen

from kaocheng.diagnostics import Diagnostics, Label, Span
from kaocheng.language import declaration_codes
from kaocheng.language._coverage import MOST_SHOWN, Row, known_values, text_of
from kaocheng.language.types import Type, is_time
from kaocheng.plan.algebra import Bound
from kaocheng.syntax.quoting import shown

# A table for which more rows would have to be held against bands is not gone through.
MOST_TESTS = 1_000_000

# How people call what lies beyond a bound: at the value or later, after it, before it, up to it.
_LOW = (("{} or more", "不小于 {}"), ("above {}", "大于 {}"))
_HIGH = (("below {}", "小于 {}"), ("{} or less", "不大于 {}"))
_LATE = (("{} or later", "不早于 {}"), ("after {}", "晚于 {}"))
_EARLY = (("before {}", "早于 {}"), ("{} or earlier", "不晚于 {}"))

Key = tuple[object, str]  # a part of a key, and how it is written


@frozen
class Band:
    """Values of a column that no row tells apart: one of them, and what people call them all.

    It is not `named` if it is the rest of a column whose values nobody can list.
    """

    value: object
    en: str
    zh: str
    named: bool = True


@frozen
class _Cut:
    """Where one band ends and the next begins: at the value written, or right after it."""

    at: int
    after: bool = field(eq=False)
    text: str = field(eq=False)


class _TooMuch(Exception):  # noqa: N818 - not an error
    """There are too many bands to go through."""


def check_bands(
    table: str,
    rows: Sequence[Row],
    types: Sequence[Type],
    span: Span | None,
    diagnostics: Diagnostics,
) -> bool:
    """Report rows that are never reached and, at `span`, bands that no row fits.

    `span` is None where the table says what holds otherwise. False: there were too many bands
    to go through, and nothing was reported.
    """
    columns = [
        bands_of(type_, [(row.keys[place], row.cells[place].text) for row in rows])
        for place, type_ in enumerate(types)
    ]
    try:
        found = list(_Walk(columns).combinations(rows))
    except _TooMuch:
        return False
    for row, instead in _unreached(rows, [fitting for _, fitting in found]):
        _report(table, row, instead, diagnostics)
    missing = [bands for bands, fitting in found if not fitting and all(b.named for b in bands)]
    if missing and span is not None:
        words = {"table": table, **_listed(missing)}
        labels = max((tuple(_beside(found, gap)) for gap in missing), key=len)
        diagnostics.add(declaration_codes.MISSING_ROW, span, labels=labels, words=words)
    return True


class _Walk:
    """All combinations of bands, each with the rows that fit it in their order."""

    def __init__(self, columns: Sequence[Sequence[Band]]) -> None:
        self._columns = columns
        self._left = MOST_TESTS

    def combinations(
        self, rows: Sequence[Row], chosen: tuple[Band, ...] = ()
    ) -> Iterator[tuple[tuple[Band, ...], Sequence[Row]]]:
        """The combinations that begin with the bands chosen, which these rows fit."""
        place = len(chosen)
        if place == len(self._columns):
            yield chosen, rows
            return
        for band in self._columns[place]:
            self._left -= len(rows) + 1
            if self._left < 0:
                raise _TooMuch
            fitting = [row for row in rows if _fits(row.keys[place], band.value)]
            yield from self.combinations(fitting, (*chosen, band))


def _fits(key: object, value: object) -> bool:
    if isinstance(key, Bound):
        return bool(key.compare(value, key.value))
    return key is None or key == value


def _unreached(
    rows: Sequence[Row], combinations: Iterable[Sequence[Row]]
) -> Iterator[tuple[Row, list[Row]]]:
    """The rows that never come first, each with those that are reached instead."""
    places = {id(row): place for place, row in enumerate(rows)}
    instead: list[set[int]] = [set() for _ in rows]
    for fitting in combinations:
        for row in fitting:
            instead[places[id(row)]].add(places[id(fitting[0])])
    first: dict[tuple[object, ...], Row] = {}
    for place, row in enumerate(rows):
        same = first.setdefault(row.keys, row)
        if place not in instead[place]:
            yield row, [same] if same is not row else [rows[at] for at in sorted(instead[place])]


def _report(table: str, row: Row, instead: list[Row], diagnostics: Diagnostics) -> None:
    code = declaration_codes.UNREACHED_ROW
    label = ("one of them", "其中一行")
    if len(instead) == 1:
        same = instead[0].keys == row.keys
        code = declaration_codes.DUPLICATE_ROW if same else declaration_codes.SHADOWED_ROW
        label = ("the earlier row", "在前的一行")
    labels = tuple(Label(other.span, *label) for other in instead[:MOST_SHOWN])
    diagnostics.add(code, row.span, labels=labels, words={"table": table, **row.words})


def _beside(
    found: Sequence[tuple[tuple[Band, ...], Sequence[Row]]], gap: tuple[Band, ...]
) -> Iterator[Label]:
    """The rows on both sides of a gap: those of the nearest bands that differ in the last only."""
    alike = [(bands, rows) for bands, rows in found if bands[:-1] == gap[:-1]]
    place = next(at for at, (bands, _) in enumerate(alike) if bands == gap)
    before = next((rows[0] for _, rows in reversed(alike[:place]) if rows), None)
    after = next((rows[0] for _, rows in alike[place:] if rows), None)
    if before is not None:
        yield Label(before.span, "the row before the gap", "缺口之前的一行")
    if after is not None:
        yield Label(after.span, "the row after the gap", "缺口之后的一行")


# Bands --------------------------------------------------------------------------------------


def bands_of(type_: Type, keys: Sequence[Key]) -> list[Band]:
    """The bands into which the keys of one column divide its values."""
    if any(isinstance(key, Bound) for key, _ in keys):
        cuts = {cut.at: cut for key in reversed(keys) for cut in _cuts(*key)}
        ends = [None, *(cuts[at] for at in sorted(cuts)), None]
        return [_between(low, high, times=is_time(type_)) for low, high in pairwise(ends)]
    known = {value: text_of(value) for value in known_values(type_)}
    named = known or {key: text for key, text in reversed(keys) if key is not None}
    bands = [_one(value, text) for value, text in named.items()]
    return bands if known else [*bands, Band(object(), "anything", "任意值", named=not bands)]


def _one(value: object, text: str) -> Band:
    quoted = f"`{shown(text)}`"
    return Band(value, quoted, quoted)


def _cuts(key: object, text: str) -> Iterator[_Cut]:
    """Where a part of a key divides numbers or times."""
    if isinstance(key, Bound):
        after = key.op in {"gt", "le"}
        yield _Cut(key.value + after, after, text.lstrip("<>=").strip())
    elif isinstance(key, int):
        yield _Cut(key, after=False, text=text)
        yield _Cut(key + 1, after=True, text=text)


def _between(low: _Cut | None, high: _Cut | None, *, times: bool) -> Band:
    """The band between two cuts; without one it has no end there."""
    value = low.at if low else high.at - 1 if high else 0
    if low and high and high.at == low.at + 1 and (high.after or not low.after):
        return _one(value, high.text if high.after else low.text)
    words = []
    if low:
        words.append([form.format(low.text) for form in (_LATE if times else _LOW)[low.after]])
    if high:
        words.append([form.format(high.text) for form in (_EARLY if times else _HIGH)[high.after]])
    return Band(value, " and ".join(en for en, _ in words), " 且".join(zh for _, zh in words))


def _listed(missing: Sequence[tuple[Band, ...]]) -> Mapping[str, str]:
    """Combinations of bands as a message lists them; of many only some."""
    kept, is_all = missing[:MOST_SHOWN], len(missing) <= MOST_SHOWN
    if len(missing[0]) == 1:
        en = [band.en if band.en[0] == "`" else f"what is {band.en}" for (band,) in kept]
        zh = [band.zh for (band,) in kept]
    else:
        en = [f"({', '.join(band.en for band in bands)})" for bands in kept]
        zh = [f"（{'，'.join(band.zh for band in bands)}）" for bands in kept]
    return {
        "key": ", ".join(en if is_all else [*en, "and others"]),
        "key_zh": "、".join(zh) + ("" if is_all else "等"),
    }
