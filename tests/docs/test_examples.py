"""Every example on the pages is checked and run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pages import KINDS, commands, fences, lay_out, name_of, pages, rulesets, run

PAGES = {name_of(page): page.read_text("utf-8") for page in pages()}


def examples(*kinds: str) -> list[tuple[str, str]]:
    """The rulesets with a fence of one of these kinds, each with its page."""
    return [(page, name) for page, text in PAGES.items() for name in rulesets(text, *kinds)]


@pytest.fixture
def folder(page: str, tmp_path: Path) -> Path:
    """A folder with the files of the page."""
    lay_out(PAGES[page], tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_every_fence_is_of_a_known_kind(page: str) -> None:
    """What is done with a fence is known, so that none is shown and never tried."""
    unknown = [f"line {f.line}: {f.kind}" for f in fences(PAGES[page]) if f.kind not in KINDS]

    assert [] == unknown


@pytest.mark.parametrize("page", PAGES)
def test_every_console_fence_has_a_command(page: str) -> None:
    """A console fence without a command would never be compared with anything."""
    consoles = [fence for fence in fences(PAGES[page]) if fence.language == "console"]

    assert [] == [fence.line for fence in consoles if not list(commands(fence))]


@pytest.mark.parametrize(("page", "name"), examples("yaml"))
def test_rulesets_check(page: str, name: str, folder: Path) -> None:
    """A ruleset on a page has no diagnostic, not even a warning."""
    code, printed = run(["check", name, "--format", "json"], folder)

    assert 0 == code, page
    assert [] == json.loads(printed)["diagnostics"]


@pytest.mark.parametrize(("page", "name"), examples("yaml broken"))
def test_broken_rulesets_do_not_check(page: str, name: str, folder: Path) -> None:
    """A ruleset that a page calls broken is refused."""
    code, _ = run(["check", name], folder)

    assert 1 == code, page


@pytest.mark.parametrize(("page", "name"), examples("yaml scenario"))
@pytest.mark.parametrize("evaluator", ["python", "columns"])
def test_scenarios_pass(page: str, name: str, folder: Path, evaluator: str) -> None:
    """What a page says of its example is what comes out, in both evaluators."""
    code, printed = run(["test", name, "--evaluator", evaluator], folder)

    assert 0 == code, f"{page}\n{printed}"


@pytest.mark.parametrize(("page", "name"), examples("yaml scenario failing"))
def test_failing_scenarios_fail(page: str, name: str, folder: Path) -> None:
    """A scenario that a page calls failing fails."""
    code, printed = run(["test", name], folder)

    assert 1 == code, page
    assert "FAIL" in printed


@pytest.mark.parametrize(("page", "name"), examples("yaml"))
def test_rulesets_have_a_scenario_or_a_command(page: str, name: str) -> None:
    """No example only stands there: a scenario, a command or Python shows what it does."""
    text = PAGES[page]
    shown = rulesets(text, "yaml scenario", "yaml scenario failing")
    used = [f.text for f in fences(text) if f.language in {"console", "python"}]

    assert name in shown or any(name in fence for fence in used)
