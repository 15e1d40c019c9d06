"""The rules that the repository keeps about itself."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROOTS = ("engine", "policies", "plugins", "rulesets")
MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_THE_README = 150

# In pieces, so that this file does not find itself.
INDEX_ADDRESS = re.compile(
    "|".join(
        (
            r"--(extra-)?index" + r"-url",
            r"--find" + r"-links",
            r"--trusted" + r"-host",
            r"\bindex[-_]url\s*" + r"=",
            r"\bpypi\.org/" + r"simple",
            r"\bpython" + r"hosted\.org",
        )
    ),
    re.IGNORECASE,
)


def python_files(*folders: str) -> Iterator[Path]:
    """The Python files below these folders of the repository."""
    for folder in folders:
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods of a file, nested ones included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def place(path: Path, line: int = 1) -> str:
    """A place in the repository, as editors understand it."""
    return f"{path.relative_to(REPOSITORY)}:{line}"


def tracked_files() -> list[Path]:
    """The files that are in the repository or would be added to it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        text=True,
    )
    if listing.returncode != 0:
        pytest.skip("this is not a git repository, so its files are not known")
    paths = [REPOSITORY / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("root", ROOTS)
def test_source_roots_are_not_packages(root: str) -> None:
    """A source root is a folder and not a package, else its modules would exist twice."""
    assert importlib.util.find_spec(root) is None


def test_files_are_short() -> None:
    """No source file has more than 500 lines."""
    too_long = [
        place(path)
        for path in python_files(*ROOTS)
        if len(path.read_text("utf-8").splitlines()) > MOST_LINES_OF_A_FILE
    ]

    assert [] == too_long


def test_functions_are_short() -> None:
    """No function has more than 60 lines."""
    too_long = [
        f"{place(path, function.lineno)} {function.name}"
        for path in python_files(*ROOTS)
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= MOST_LINES_OF_A_FUNCTION
    ]

    assert [] == too_long


def test_tests_state_their_fact() -> None:
    """Every test has a docstring that states the fact it holds."""
    silent = [
        f"{place(path, function.lineno)} {function.name}"
        for path in python_files("tests", "plugins")
        for function in functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]

    assert [] == silent


def test_no_index_address() -> None:
    """No file says where packages come from: that is for pip's own configuration."""
    addresses = [
        place(path, number)
        for path in tracked_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if INDEX_ADDRESS.search(line)
    ]

    assert [] == addresses


@pytest.mark.parametrize("name", ["dev.txt", "bench.txt"])
def test_requirements_are_pinned(name: str) -> None:
    """Every requirement is pinned to one version."""
    lines = (REPOSITORY / "requirements" / name).read_text("utf-8").splitlines()
    requirements = [line for line in lines if line and not line.lstrip().startswith("#")]
    loose = [line for line in requirements if not re.match(r"[a-z0-9.-]+==[0-9]", line)]

    assert requirements
    assert [] == loose


@pytest.mark.skipif(not (REPOSITORY / "README.md").exists(), reason="there is no README yet")
def test_readme_is_short() -> None:
    """The README has at most 150 lines."""
    lines = (REPOSITORY / "README.md").read_text("utf-8").splitlines()

    assert len(lines) <= MOST_LINES_OF_THE_README
