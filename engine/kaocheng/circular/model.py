"""A circular as a value: what every format shows, and nothing of how it looks."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Block:
    """A part: its heading, sentences, and a table of texts whose `numbers` are columns of figures.

    Without heads there is no table.
    """

    heading: str
    sentences: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: frozenset[int] = frozenset()


@frozen(kw_only=True)
class Circular:
    """A circular in one language: its title, what stands below it, its parts, and its notes."""

    language: str
    title: str
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]
