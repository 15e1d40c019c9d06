"""A circular as one HTML page that needs nothing else, also on paper."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from kaocheng.circular.model import Block, Circular

STYLE = """
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #222; line-height: 1.6;
  font-family: "Noto Serif CJK SC", "Source Han Serif SC", SimSun, Georgia, serif; }
h1 { text-align: center; font-size: 1.6rem; margin-bottom: 0.5rem; }
.lead { text-align: center; color: #555; border-bottom: 2px solid #b5262b; padding-bottom: 0.8rem; }
h2 { font-size: 1.15rem; margin: 1.8rem 0 0.6rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.95rem; }
th, td { border: 1px solid #bbb; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }
th { background: #f4f1ec; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
footer { margin-top: 2rem; border-top: 1px solid #bbb; color: #555; font-size: 0.85rem; }
@media print { body { margin: 0; max-width: none; } }
"""


def as_html(circular: Circular) -> str:
    """The circular as one HTML document."""
    return "\n".join(_lines(circular)) + "\n"


def _lines(circular: Circular) -> Iterator[str]:
    language = "zh-CN" if circular.language == "zh" else "en"
    yield "<!doctype html>"
    yield f'<html lang="{language}">'
    yield '<head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(circular.title)}</title><style>{STYLE}</style></head>"
    yield f"<body><h1>{escape(circular.title)}</h1>"
    yield f'<p class="lead">{"<br>".join(escape(line) for line in circular.lead)}</p>'
    for block in circular.blocks:
        yield from _block(block)
    notes = "".join(f"<li>{escape(note)}</li>" for note in circular.notes)
    yield f"<footer><ul>{notes}</ul></footer></body></html>"


def _block(block: Block) -> Iterator[str]:
    yield f"<section><h2>{escape(block.heading)}</h2>"
    for sentence in block.sentences:
        yield f"<p>{escape(sentence)}</p>"
    if block.heads:
        yield f"<table><thead><tr>{_cells(block, block.heads, 'th')}</tr></thead><tbody>"
        for row in block.rows:
            yield f"<tr>{_cells(block, row, 'td')}</tr>"
        yield "</tbody></table>"
    yield "</section>"


def _cells(block: Block, cells: tuple[str, ...], tag: str) -> str:
    return "".join(
        f"<{tag}{_class(block, place)}>{escape(cell)}</{tag}>" for place, cell in enumerate(cells)
    )


def _class(block: Block, place: int) -> str:
    return ' class="number"' if place in block.numbers else ""
