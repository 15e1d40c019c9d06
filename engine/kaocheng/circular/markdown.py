"""A circular as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from kaocheng.circular.model import Block, Circular


def as_markdown(circular: Circular) -> str:
    """The circular as one Markdown text."""
    parts = [f"# {_plain(circular.title)}", *(_plain(line) for line in circular.lead)]
    for block in circular.blocks:
        parts += [f"## {_plain(block.heading)}", *(_plain(line) for line in block.sentences)]
        if block.heads:
            parts.append("\n".join(_table(block)))
    if circular.notes:
        parts += ["---", "\n".join(f"- {_plain(note)}" for note in circular.notes)]
    return "\n\n".join(parts) + "\n"


def _table(block: Block) -> Iterator[str]:
    yield _row(block.heads)
    yield _row(tuple("---:" if i in block.numbers else "---" for i in range(len(block.heads))))
    for row in block.rows:
        yield _row(tuple(_plain(cell).replace("|", "\\|") for cell in row))


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """A text of the data, which is no markup."""
    one_line = " ".join(text.split())
    for mark in "\\`*_<>[]#":
        one_line = one_line.replace(mark, f"\\{mark}")
    return one_line
