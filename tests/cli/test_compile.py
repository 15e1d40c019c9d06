"""`kaocheng compile`: a checked ruleset in one file, used where CEL cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host, open_input
from kaocheng.language.parameters import with_parameters
from kaocheng.language.saving import load, save

NAMES = sorted(Host.discover().rulesets)
# Runs commands one after the other, with a line between what they print.
BLOCKED = """
import json, sys
for name in ("cel_expr_python", "google", "google.protobuf"):
    sys.modules[name] = None
from kaocheng.cli.app import run
for arguments in json.loads(sys.argv[1]):
    try:
        run(arguments)
    except SystemExit as stopped:
        print(f"exit {stopped.code}")
"""


def commands(host: Host, name: str, ruleset: str) -> list[list[str]]:
    """What is asked of a ruleset, and of each sample that it has."""
    asked = [["test", ruleset], ["plan", ruleset], ["check", ruleset, "--format", "json"]]
    for sample in sorted((host.find(name) / "sample").glob("*")):
        journal = open_input(sample, host.load(name), host.formats())
        case = min(event.case for event in journal.events)
        asked += [
            ["assess", ruleset, str(sample), "--format", "json"],
            ["explain", ruleset, str(sample), "--case", case],
        ]
    return asked


@pytest.mark.parametrize("name", NAMES)
def test_without_the_cel_library(
    cli: Callable[..., Any], host: Host, tmp_path: Path, name: str
) -> None:
    """What a saved ruleset says is what the ruleset says, with the same hashes."""
    saved = tmp_path / f"{name}.kaocheng.json"
    compiled = cli("compile", name, "--output", saved)
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, json.dumps(commands(host, name, str(saved)))],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    ran = [cli(*arguments) for arguments in commands(host, name, name)]
    # `check` calls a ruleset as it was called: by its name, or by the path of the file.
    said = done.stdout.replace(json.dumps(str(saved)), json.dumps(name))

    assert (0, f"written: {saved}\n") == (compiled.code, compiled.out)
    assert "".join(f"{r.out}exit {r.code}\n" for r in ran) == said
    assert "".join(r.err for r in ran) == done.stderr


def test_checking_a_saved_ruleset(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A saved ruleset has been checked; one that was changed by hand is refused."""
    saved = tmp_path / "notices.kaocheng.json"
    cli("compile", "washington-breach", "-o", saved)
    passed = cli("check", saved)
    saved.write_text(saved.read_text("utf-8").replace('"amount":30', '"amount":60'), "utf-8")
    changed = cli("check", saved)

    assert (0, f"{saved}: passed, versions: 2, rules: 7, warnings: 0\n") == (
        passed.code,
        passed.out,
    )
    assert (
        1,
        f"error: {saved}: the saved ruleset is damaged or was changed; "
        "write it again with `kaocheng compile`\n",
    ) == (changed.code, changed.err)


def test_parameters_of_a_saved_ruleset(host: Host, tmp_path: Path) -> None:
    """Other values are tried on a saved ruleset as on the one it was made from."""
    (tmp_path / "tried/versions").mkdir(parents=True)
    (tmp_path / "tried/versions/1.yaml").write_text(PARAMETER, "utf-8")
    ruleset = host.load(str(tmp_path / "tried"))
    save(ruleset, tmp_path / "tried.kaocheng.json")
    loaded = load(tmp_path / "tried.kaocheng.json")

    assert with_parameters(ruleset, {"least": "3"}) == with_parameters(loaded, {"least": "3"})


PARAMETER = """\
kaocheng: 1
ruleset: tried
version: "1"
effective: {from: open}
kinds:
  note: {fields: {pages: int}}
parameters:
  least: {type: int, value: 2, clause: "1"}
findings:
  - {id: short, clause: "1", for: note as n, when: n.pages < least, finding: short}
"""
