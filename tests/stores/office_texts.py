"""Rulesets as files: that of the office that stores are tested with, changed, and others."""

from __future__ import annotations

import shutil
from pathlib import Path

import kaocheng.testing

_OFFICE = Path(kaocheng.testing.__file__).with_name("contract_office")

CHANGED = (
    ("within: 2 hours", "within: 5 hours"),
    ("by: incident}", "by: incident}\n  - {id: sequels, of: report, to: report, by: answers}"),
    ("earliest(r.replies.map(a, a.submitted_at))", "earliest(r.sequels.map(a, a.submitted_at))"),
    ("duration('7h1m')", "duration('3h1m')"),
    ("duration('55m')", "duration('115m')"),
)
"""What is corrected in the office's text, and what instead."""


def written(folder: Path, *versions: str) -> str:
    """Where a ruleset of those versions stands."""
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(versions, start=1):
        (folder / "versions" / f"{number}.yaml").write_text(text, "utf-8")
    return str(folder)


def office_text(folder: Path, *changes: tuple[str, str]) -> str:
    """Where the ruleset stands, its text as the changes (what, and what instead) leave it."""
    shutil.copytree(_OFFICE, folder, dirs_exist_ok=True)
    file = folder / "versions" / "2009.yaml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return str(folder)
