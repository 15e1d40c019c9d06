"""Journals and foreign tables in, facts out.

Reading never stops at a bad line: what gave no event is in `Journal.unreadable`, what
does not fit the ruleset in `Folded.problems`. Only a file that cannot be read as a
whole raises `InputError`.
"""

from __future__ import annotations

from kaocheng.journal.case_state import CaseState
from kaocheng.journal.fold import Folded, by_case, fold
from kaocheng.journal.foreign import read_table
from kaocheng.journal.formats import (
    BUILT_IN,
    CSV,
    PARQUET,
    InputFormat,
    Progress,
    Row,
    format_named,
    no_progress,
)
from kaocheng.journal.joining import join
from kaocheng.journal.known import Horizon
from kaocheng.journal.lines import event_fields, read_event
from kaocheng.journal.program import KindProgram, compile_kind
from kaocheng.journal.reading import read_journal, read_journals
from kaocheng.journal.roll import roll_rows
from kaocheng.journal.texts import Problem
from kaocheng.journal.writing import event_line, journal_lines, write_jsonl

__all__ = [
    "BUILT_IN",
    "CSV",
    "PARQUET",
    "CaseState",
    "Folded",
    "Horizon",
    "InputFormat",
    "KindProgram",
    "Problem",
    "Progress",
    "Row",
    "by_case",
    "compile_kind",
    "event_fields",
    "event_line",
    "fold",
    "format_named",
    "join",
    "journal_lines",
    "no_progress",
    "read_event",
    "read_journal",
    "read_journals",
    "read_table",
    "roll_rows",
    "write_jsonl",
]
