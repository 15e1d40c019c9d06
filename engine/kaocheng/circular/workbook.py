"""A circular as a workbook (XLSX): a sheet for each part. Needs the extra `xlsx`."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import TYPE_CHECKING

from kaocheng.circular.model import Block, Circular
from kaocheng.extras import needing

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_WIDEST = 60
# What a spreadsheet would take for a formula is text.
_FORMULA = ("=", "+", "-", "@")


def as_xlsx(circular: Circular) -> bytes:
    """The circular as the bytes of a workbook; figures are numbers."""
    with needing(("a workbook", "生成工作簿"), "xlsx", "openpyxl"):
        from openpyxl import Workbook

    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    names: set[str] = set()
    first = book.create_sheet(_name(circular.title, names))
    for line in (circular.title, *circular.lead, *circular.notes):
        first.append([line])
    first.column_dimensions["A"].width = _WIDEST
    for block in circular.blocks:
        _fill(book.create_sheet(_name(block.heading, names)), block)
    bytes_ = BytesIO()
    book.save(bytes_)
    return bytes_.getvalue()


def _name(heading: str, taken: set[str]) -> str:
    """A name that a sheet may have: short, without certain signs, and no other sheet's."""
    plain = _NOT_IN_NAMES.sub(" ", heading).strip()[:_LONGEST_NAME]
    name, count = plain, 2
    while name.lower() in taken:
        end = f" ({count})"
        name, count = plain[: _LONGEST_NAME - len(end)] + end, count + 1
    taken.add(name.lower())
    return name


def _fill(sheet: Worksheet, block: Block) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for sentence in block.sentences:
        sheet.append([sentence])
    if not block.heads:
        sheet.column_dimensions["A"].width = _WIDEST
        return
    sheet.append(list(block.heads))
    top = sheet.max_row
    for cell in sheet[top]:
        cell.font = Font(bold=True)
    for row in block.rows:
        sheet.append([_cell(text, is_number=i in block.numbers) for i, text in enumerate(row)])
    sheet.freeze_panes = f"A{top + 1}"
    for place, texts in enumerate(zip(block.heads, *block.rows, strict=True), start=1):
        width = max(map(_width, texts)) + 2
        sheet.column_dimensions[get_column_letter(place)].width = min(width, _WIDEST)
    for line in sheet.iter_rows(min_row=top + 1):
        for cell in line:
            if isinstance(cell.value, str) and cell.value.startswith(_FORMULA):
                cell.data_type = "s"


def _cell(text: str, *, is_number: bool) -> object:
    if not is_number:
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _width(text: str) -> int:
    """How wide a text is, a Chinese character counting as two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)  # noqa: PLR2004 - where CJK begins
