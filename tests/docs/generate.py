"""Fill the generated parts of the documentation, and print again what its examples print.

    python tests/docs/generate.py

`make docs` calls it; a test fails when a page would change. The share of the public
conformance suite is filled only where `KAOCHENG_DATA` names the folder that has it.
"""

from __future__ import annotations

import os
import runpy
import sys
import tempfile
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from pages import DOCS, REPOSITORY, lay_out, name_of, pages, refreshed
from shapes import GROUPS, SHAPES, shape_table
from sources import ROWS, row_table

from kaocheng.diagnostics import Code
from kaocheng.host import Host
from kaocheng.language.reference import (
    code_table,
    fill,
    language_blocks,
    record_tables,
    shape_words,
    table,
)
from kaocheng.language.shapes import Choice
from kaocheng.noting import NOTES

LOGIC = ("true", "false", "unknown")


@cache
def blocks() -> Mapping[str, str]:
    """Every block that does not need the real data."""
    from kaocheng.scenarios.reading import FILE

    sections = Host.discover().sections()
    return {
        **language_blocks(sections),
        "scenarios": record_tables(FILE),
        "logic": logic_table(),
        "commands": "\n\n".join(command_tables()),
        "diagnostics": code_table(all_codes()),
        "notes": note_table(),
        **{row: row_table(row) for row in ROWS},
        **{f"shapes_{group}": shape_table(group) for group in GROUPS if SHAPES.is_dir()},
    }


def all_codes() -> tuple[Code, ...]:
    """Every diagnostic of the library and of the plugins."""
    from kaocheng.language import codes as language
    from kaocheng.language.cel import codes as expressions
    from kaocheng.scenarios import codes as scenarios
    from kaocheng.syntax import codes as syntax

    own = (*syntax.CODES, *language.CODES, *expressions.CODES, *scenarios.CODES)
    added = (code for section in Host.discover().sections() for code in section.codes)
    return tuple({code.id: code for code in (*own, *added)}.values())


@cache
def share_block(suite: Path) -> str:
    """How much of the public conformance suite is accepted."""
    module = runpy.run_path(str(REPOSITORY / "tests" / "conformance" / "share.py"))
    text: str = module["table"](suite)
    return text


def logic_table() -> str:
    """Kleene's logic, computed by the evaluator."""
    pairs = [(a, b) for a in LOGIC for b in LOGIC]
    rows = [
        [f"`{cell}`" for cell in (a, b, _logic("and", a, b), _logic("or", a, b))] for a, b in pairs
    ]
    return table(("`a`", "`b`", "`a && b`", "`a || b`"), rows)


def _logic(op: str, *words: str) -> str:
    from kaocheng.evaluate.python._setting import Setting
    from kaocheng.evaluate.python.expression import evaluate_expression
    from kaocheng.language.expressions import Call, Literal
    from kaocheng.language.types import BOOL
    from kaocheng.plan.algebra import VersionFacts, Window

    values: Mapping[str, bool | None] = {"true": True, "false": False, "unknown": None}
    args = tuple(Literal(type=BOOL, value=values[word]) for word in words)
    version = VersionFacts(name="", window=Window(first_day=None, last_day=None))
    setting = Setting(relations={}, version=version)
    value = evaluate_expression(Call(type=BOOL, op=op, args=args), {}, setting)
    return next(word for word, known in values.items() if known is getattr(value, "value", value))


def note_table() -> str:
    """The events that the library writes to the application's log."""
    rows = [(f"`{name}`", f"`{level}`", when) for name, (level, when) in NOTES.items()]
    return table(("event", "level", "when"), rows)


def command_tables() -> Iterator[str]:
    """Each command with its help, its arguments and its options."""
    for name, command in commands().items():
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        heading = f"### `kaocheng {name}`\n\n{command.help}"
        heads = ("argument or option", "value", "meaning", "default")
        yield f"{heading}\n\n{table(heads, rows)}" if rows else heading


def commands() -> Mapping[str, Any]:
    """The commands by name; those of a group are called by both names."""
    import typer

    from kaocheng.cli.app import application

    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(application()).commands.items():  # type: ignore[attr-defined]
        group = getattr(command, "commands", None)
        if group is None:
            found[name] = command
        else:
            found |= {f"{name} {under}": member for under, member in group.items()}
    return found


def _parameter(parameter: Any) -> tuple[str, str, str, str]:  # noqa: ANN401 - typer's own class
    """How a parameter is written, what it takes, what it means, and what it is otherwise."""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`", "", parameter.help, "needed" * parameter.required
    written = ", ".join(f"`{option}`" for option in parameter.opts)
    default = parameter.default
    if isinstance(default, Enum):
        value = shape_words(Choice(tuple(choice.value for choice in type(default))))
        return written, value, parameter.help, f"`{default.value}`"
    if parameter.required:
        return written, f"`{parameter.metavar}`", parameter.help, "needed"
    if default is None:
        return written, f"`{parameter.metavar}`", parameter.help, ""
    if parameter.is_flag:
        return written, "", parameter.help, ""
    value = f"`{parameter.metavar}`" if isinstance(default, str) else "a number"
    return written, value, parameter.help, f"`{default}`"


def generated(page: Path, folder: Path) -> str:
    """The page as it should be."""
    text = page.read_text("utf-8")
    found = dict(blocks())
    data = os.environ.get("KAOCHENG_DATA")
    if data:
        found["share"] = share_block(Path(data) / "cel_spec_tests.json")
    text = fill(text, found)
    if DOCS in page.parents:
        lay_out(text, folder)
        return refreshed(text, folder)
    return refreshed(text, REPOSITORY)


def main() -> None:
    """Write every page that has changed, and name it."""
    for page in pages():
        with tempfile.TemporaryDirectory() as folder:
            text = generated(page, Path(folder))
        if text != page.read_text("utf-8"):
            page.write_text(text, "utf-8")
            sys.stdout.write(f"written: {name_of(page)}\n")


if __name__ == "__main__":
    main()
