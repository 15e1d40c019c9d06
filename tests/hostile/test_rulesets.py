"""Damaged rulesets, saved rulesets and scenarios: refused with file and place, no traceback."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Host

BREACH = "washington-breach"
FIRST = "versions/2015-07.yaml"


@pytest.fixture
def copy(host: Host, tmp_path: Path) -> Path:
    """A copy of a shipped ruleset, to be damaged."""
    shutil.copytree(host.find(BREACH), tmp_path / BREACH)
    return tmp_path / BREACH


@pytest.mark.parametrize(
    ("damage", "code", "line"),
    [
        (lambda data: data[: len(data) // 2], "KC", None),
        (lambda _: bytes(range(256)), "KC", None),
        (lambda data: data + b"# " + b"x" * 2_000_001, "KC", 1),
        (lambda _: b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "KC", 1),
        (lambda _: b"[" * 100_000, "KC", 1),
        (lambda _: b"", "KC", 1),
        (lambda data: data.decode().encode("utf-16"), "KC", 1),
        (lambda data: data.decode().encode("gb18030"), "KC", None),
    ],
    ids=["cut", "binary", "oversized", "alias-bomb", "deep", "empty", "utf-16", "gb18030"],
)
def test_a_version_that_cannot_be_read(  # noqa: PLR0913, PLR0917
    cli: Callable[..., Any],
    samples: dict[str, Path],
    copy: Path,
    damage: Callable[[bytes], bytes],
    code: str,
    line: int | None,
) -> None:
    """Every command that loads the ruleset names the file, the line and a code; exit 1."""
    version = copy / FIRST
    version.write_bytes(damage(version.read_bytes()))
    ran = cli("assess", copy, samples[BREACH])
    place = re.match(rf"{re.escape(str(version))}:(\d+):\d+: error\[{code}\d+\]: ", ran.err)

    assert (1, "") == (ran.code, ran.out)
    assert place is not None
    assert line in (None, int(place[1]))
    # The other version extends this one: nothing is said of what is only missing there.
    assert [] == [
        e for e in ran.err.splitlines() if "error[" in e and not e.startswith(str(version))
    ]


def test_an_empty_folder(cli: Callable[..., Any], tmp_path: Path, samples: dict[str, Path]) -> None:
    """A folder without versions is no ruleset."""
    ran = cli("assess", tmp_path, samples[BREACH])

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"{tmp_path}:")
    assert "error[KC" in ran.err


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "this is no saved ruleset of format 1;"),
        (lambda _: "", "this is no saved ruleset of format 1;"),
        (lambda _: "[" * 100_000, "this is no saved ruleset of format 1;"),
        (lambda _: "[]", "this is no saved ruleset of format 1;"),
        (lambda text: text.replace('"kaocheng":1', '"kaocheng":99'), "this is no saved ruleset"),
        (lambda text: text.replace('"amount":45', '"amount":46'), "is damaged or was changed;"),
        (lambda text: text.replace('"is":"Limit"', '"is":"Path"'), "is damaged or was changed;"),
    ],
    ids=["cut", "empty", "deep", "list", "other-format", "changed", "other-class"],
)
def test_a_saved_ruleset_that_is_damaged(
    cli: Callable[..., Any],
    samples: dict[str, Path],
    tmp_path: Path,
    damage: Callable[[str], str],
    message: str,
) -> None:
    """A saved ruleset is the one that was written, or it is refused."""
    saved = tmp_path / "saved.kaocheng.json"
    assert 0 == cli("compile", BREACH, "--output", saved).code
    saved.write_text(damage(saved.read_text("utf-8")), "utf-8")
    ran = cli("assess", saved, samples[BREACH])

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"error: {saved}: ")
    assert message in ran.err
    assert 1 == ran.err.count("\n")


def test_a_saved_ruleset_that_is_not_there(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path
) -> None:
    """A saved ruleset that does not exist is named."""
    ran = cli("assess", tmp_path / "x.kaocheng.json", samples[BREACH])

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {tmp_path}/x.kaocheng.json: there is no such file\n" == ran.err


def test_a_saved_ruleset_holds_no_code(tmp_path: Path, cli: Callable[..., Any]) -> None:
    """A file that asks for a class outside the closed list is refused, its digest right or not."""
    from kaocheng.language.saving import _digest

    saved = tmp_path / "x.kaocheng.json"
    ruleset = {"is": "Popen", "args": ["true"]}
    data = {"kaocheng": 1, "digest": _digest(ruleset), "ruleset": ruleset}
    saved.write_text(json.dumps(data), "utf-8")
    ran = cli("plan", saved)

    assert (1, "") == (ran.code, ran.out)
    assert "this is no saved ruleset of format 1" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("as_of: 2019-12-31", "as_off: 2019-12-31", "unknown key `as_off`"),
        ("as_of: 2019-12-31", "as_of: 2019-12-32", "2019-12-32"),
        ("{rule: notice, case: breach/a, status: met", "{rule: notise, case: breach/a", "notise"),
        ("late_by: 0", "lateby: 0", "lateby"),
        ("case: breach/a, event: notify", "case: breech/a, event: notify", "breech"),
        ("case: breach/a, event: notify", "case: breach/a, event: notifie", "notifie"),
        ("ruleset: washington-breach", "ruleset: washington-breech", "washington-breech"),
        ("aware_on: 2019-01-01", "aware: 2019-01-01", "aware"),
    ],
)
def test_a_scenario_with_a_mistake(
    cli: Callable[..., Any], copy: Path, old: str, new: str, message: str
) -> None:
    """A mistake in a scenario is named at its place, and no scenario is run."""
    path = copy / "scenarios/notice.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    ran = cli("test", copy)

    assert (1, "") == (ran.code, ran.out)
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+: error\[KC\d+\]: ", ran.err)
    assert message in ran.err
