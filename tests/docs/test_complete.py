"""Nothing that a user can write, call or read is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from generate import all_codes, commands
from pages import DOCS, REPOSITORY, RULESETS, name_of, pages

import kaocheng
from kaocheng.host import Host
from kaocheng.language.cel.forms import FUNCTIONS, MACROS, METHODS
from kaocheng.language.check import CORE_SECTIONS
from kaocheng.language.operations import OPERATIONS
from kaocheng.language.reference import CORE
from kaocheng.plan.algebra import STATUSES

LANGUAGE = (DOCS / "language.md").read_text("utf-8")
COMMANDS = (DOCS / "cli.md").read_text("utf-8")
EMBEDDING = (DOCS / "embedding.md").read_text("utf-8")
DIAGNOSTICS = (DOCS / "diagnostics.md").read_text("utf-8")

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_GENERATED = re.compile(r"<!-- generated.*?<!-- end -->", re.DOTALL)
_SENTENCE_ENDS = re.compile(r"[a-z0-9`)\]’'\"]\. +[A-Z]|[。] *[^\s|]")


def prose(text: str) -> str:
    """A page without its fences and tables."""
    text = _GENERATED.sub("", _FENCED.sub("", text))
    return "\n".join(line for line in text.splitlines() if not line.startswith("|"))


def anchors(page: Path) -> set[str]:
    """The names of the headings of a page, as links call them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def leads(page: Path, link: str) -> bool:
    """Whether a link names a file that is there and a heading that it has."""
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(REPOSITORY) or not target.exists():
        return False
    return not anchor or anchor in anchors(target)


@pytest.mark.parametrize("section", [section.name for section in Host.discover().sections()])
def test_every_section_is_documented(section: str) -> None:
    """Every section that a plugin adds has a heading, a table of keys and an example."""
    text = LANGUAGE.partition(f"\n## {section.capitalize()}\n")[2].partition("\n## ")[0]

    assert f"<!-- generated: {section} -->" in text
    assert re.search(rf"^{section}:$", LANGUAGE, re.MULTILINE)


@pytest.mark.parametrize("key", [*(key.name for key in CORE["head"].keys), *CORE_SECTIONS])
def test_every_key_of_a_version_is_shown(key: str) -> None:
    """Every key at the top of a version stands in some example."""
    assert re.search(rf"^{key}:", LANGUAGE, re.MULTILINE)


@pytest.mark.parametrize("operation", [o.id for o in OPERATIONS.values() if o.written])
def test_every_operation_is_documented(operation: str) -> None:
    """Every operation that can be written stands in the table with both meanings."""
    found = OPERATIONS[operation]
    written = found.written.replace("|", "\\|")

    assert f"| `{written}` | {found.shape} | {found.en} | {found.zh} |" in LANGUAGE


@pytest.mark.parametrize("function", [*FUNCTIONS, *METHODS, *MACROS])
def test_every_function_is_shown(function: str) -> None:
    """Every function, method and macro of expressions is named."""
    assert f"{function}(" in LANGUAGE or f"`{function}`" in LANGUAGE


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_explained(status: str) -> None:
    """Each of the eight statuses says when it holds."""
    assert f"\n| `{status}` | " in LANGUAGE


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_documented(name: str) -> None:
    """Every command has a heading, its help, and each of its options."""
    command = commands()[name]
    section = COMMANDS.partition(f"\n### `kaocheng {name}`\n")[2].partition("\n### ")[0]

    assert command.help in section
    for parameter in command.params:
        assert [] == [o for o in parameter.opts if o.startswith("-") and o not in section]


@pytest.mark.parametrize("command", ["assess", "check"])
def test_every_key_of_the_json_is_described(command: str) -> None:
    """Whatever a command prints at the top of its JSON is explained above it."""
    text = COMMANDS.partition("\n## JSON\n")[2].partition(f"`{command} --format json` prints")[2]
    described, _, printed = text.partition("```console")
    keys = re.findall(r'^  "(\w+)":', printed.partition("```")[0], re.MULTILINE)

    assert keys
    assert [] == [key for key in keys if f"`{key}`" not in described]


@pytest.mark.parametrize("name", kaocheng.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """Every public name stands on the page about embedding."""
    assert re.search(rf"\b{name}\b", EMBEDDING)


@pytest.mark.parametrize("code", all_codes(), ids=lambda code: code.id)
def test_every_diagnostic_is_documented(code: object) -> None:
    """Every code of the library and its plugins has a row."""
    assert f"| {getattr(code, 'id')} | {getattr(code, 'name')} | " in DIAGNOSTICS  # noqa: B009


def test_codes_are_unique() -> None:
    """No two diagnostics have the same code or the same name within a stage."""
    ids = [code.id for code in all_codes()]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("ruleset", sorted(Host.discover().rulesets))
def test_every_shipped_ruleset_has_a_page(ruleset: str) -> None:
    """Every shipped ruleset says what it says, whence, what it assumes, and runs its sample."""
    text = (RULESETS / ruleset / "README.md").read_text("utf-8")

    assert {"What it says", "Sources and assumptions", "On the sample"} <= set(
        _HEADING.findall(_FENCED.sub("", text))
    )
    assert "/sample/" in text


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link names a file that is there, and a heading that it has."""
    links = _LINK.findall(_FENCED.sub("", page.read_text("utf-8")))
    broken = [link for link in links if not link.startswith("https://") and not leads(page, link)]

    assert [] == broken


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_one_sentence_per_line(page: Path) -> None:
    """Prose has one sentence per line, so that a change shows as the sentence it changes."""
    lines = prose(page.read_text("utf-8")).splitlines()

    assert [] == [line for line in lines if _SENTENCE_ENDS.search(line)]
