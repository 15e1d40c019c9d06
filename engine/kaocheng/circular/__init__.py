"""The circular of a period (通报): what an office issues of an assessment, in three formats.

    circular = compose(assessment, "2009-03", again=again, language="zh")
    text = as_markdown(circular)

| module | what it does |
| --- | --- |
| `model` | a circular as headings, sentences and tables of texts |
| `changes` | the periods, what was published, and what has changed since |
| `compose` | from an assessment to a circular |
| `markdown`, `page`, `workbook` | from a circular to Markdown, HTML and XLSX |
"""

from kaocheng.circular.changes import bulletins_of, find_period, periods_of
from kaocheng.circular.compose import compose
from kaocheng.circular.markdown import as_markdown
from kaocheng.circular.model import Block, Circular
from kaocheng.circular.page import as_html

__all__ = [
    "Block",
    "Circular",
    "as_html",
    "as_markdown",
    "bulletins_of",
    "compose",
    "find_period",
    "periods_of",
]
