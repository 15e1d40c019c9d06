"""`kaocheng check`: is this ruleset right? Every mistake at its place, and the way out."""

from __future__ import annotations

import enum
import json
from typing import Annotated

import typer

from kaocheng.cli.options import Language, LanguageOption


class Formats(enum.StrEnum):
    """How diagnostics are printed."""

    TEXT = "text"
    JSON = "json"


def check(
    names: Annotated[
        list[str],
        typer.Argument(metavar="PATH|NAME...", help="rulesets: paths, or shipped names"),
    ],
    *,
    form: Annotated[Formats, typer.Option("--format", help="text, or JSON")] = Formats.TEXT,
    lang: LanguageOption = Language.EN,
) -> None:
    """Check rulesets and print what is wrong; exit 1 when something is."""
    from kaocheng.cli.messages import as_data, print_diagnostics
    from kaocheng.host import Host

    host = Host.discover()
    failed = False
    data = []
    for name in names:
        checked = host.check(name)
        failed = failed or not checked.passed
        if form is Formats.JSON:
            data += [as_data(d, language=lang.value) for d in checked.diagnostics]
            continue
        print_diagnostics(checked.diagnostics, language=lang.value)
        typer.echo(_verdict(name, checked, language=lang.value))
    if form is Formats.JSON:
        typer.echo(
            json.dumps({"passed": not failed, "diagnostics": data}, ensure_ascii=False, indent=2)
        )
    raise typer.Exit(1 if failed else 0)


def _verdict(name: str, checked: object, *, language: str) -> str:
    from kaocheng.language.check import Checked

    assert isinstance(checked, Checked)  # noqa: S101 - for the type checker
    errors = len(checked.errors)
    warnings = len(checked.diagnostics) - errors
    if checked.ruleset is None:
        if language == "zh":
            return f"{name}：{errors} 处错误，{warnings} 处警告"
        return f"{name}: {errors} errors, {warnings} warnings"
    rules = len({rule for version in checked.ruleset.versions for rule in version.rules})
    versions = len(checked.ruleset.versions)
    if language == "zh":
        return f"{name}：检查通过，{versions} 个版本，{rules} 条规则，{warnings} 处警告"
    return f"{name}: passed, versions: {versions}, rules: {rules}, warnings: {warnings}"
