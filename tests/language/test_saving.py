"""Checked rulesets that are saved and loaded again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng.errors import InputError
from kaocheng.host import Host
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.saving import load, save
from kaocheng_policies import plugin

Check = Callable[..., Any]

RULESETS = Path(__file__).parents[2] / "rulesets/kaocheng_rulesets"
NAMES = sorted(Host.discover().rulesets)

# Loading must not need what checking needs: these are not to be imported.
BLOCKED = """
import sys
for name in ("cel_expr_python", "google", "google.protobuf", "yaml"):
    sys.modules[name] = None
from pathlib import Path
from kaocheng.assessing import assess
from kaocheng.language.saving import load
from kaocheng.model.events import Event, Journal
ruleset = load(Path(sys.argv[1]))
data = {"aware_on": "2019-01-01"}
events = (Event(case="breach/1", sequence=1, event="notify", date=18_000, data=data),)
found = assess(ruleset, Journal(events=events), as_of=1_600_000_000_000_000)
print(ruleset.name, found.statuses("notice")["late"])
"""


def shipped(name: str) -> Ruleset:
    """A ruleset of the repository, checked."""
    sections, formats = plugin.kaocheng_sections(), ("csv", "xes")
    ruleset = check(
        RULESETS / name, sections=sections, formats=formats, installed=Host.discover().rulesets.get
    ).ruleset
    assert ruleset is not None
    return ruleset


@pytest.mark.parametrize("name", NAMES)
def test_what_is_loaded_is_what_was_saved(name: str, tmp_path: Path) -> None:
    """A saved ruleset is equal to the checked one, hashes and places in files included."""
    ruleset = shipped(name)
    path = tmp_path / "saved.kaocheng.json"
    save(ruleset, path)
    loaded = load(path)
    again = tmp_path / "again.kaocheng.json"
    save(loaded, again)

    assert ruleset == loaded
    assert path.read_bytes() == again.read_bytes()
    assert [v.hash for v in ruleset.versions] == [v.hash for v in loaded.versions]
    assert _spans(ruleset) == _spans(loaded)


def _spans(ruleset: Ruleset) -> list[object]:
    """Where the rules of the first version stand."""
    return [text.span for text in ruleset.versions[0].rules.values()]


def test_loading_needs_no_checker(tmp_path: Path) -> None:
    """A saved ruleset is loaded and used where neither CEL nor YAML can be imported."""
    path = tmp_path / "saved.kaocheng.json"
    save(shipped("washington-breach"), path)
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(path)], capture_output=True, text=True, check=False
    )

    assert ("washington-breach 1\n", "") == (done.stdout, done.stderr)


def test_tables_that_compare(check_text: Check, tmp_path: Path) -> None:
    """Comparisons are saved with the rows, and another comparison is another hash."""
    text = 'tables: {{t: {{by: {{n: int}}, rows: {{"{} 3": 1, "*": 0}}, clause: "1"}}}}'
    first, second = (check_text(text.format(sign)).ruleset for sign in (">=", ">"))
    path = tmp_path / "saved.kaocheng.json"
    save(first, path)

    assert first == load(path)
    assert first.versions[0].hash != second.versions[0].hash


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'{"kaocheng": 1}', b"[" * 100_000])
def test_files_that_were_not_saved(tmp_path: Path, data: bytes) -> None:
    """Any other file is refused with one sentence."""
    path = tmp_path / "other.json"
    path.write_bytes(data)

    with pytest.raises(InputError, match="no saved ruleset"):
        load(path)
