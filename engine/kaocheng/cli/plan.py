"""`kaocheng plan`: the algebra that a ruleset compiles to."""

from __future__ import annotations

from typing import Annotated

import typer

from kaocheng.cli.options import Language, LanguageOption, RulesetArgument


def plan(
    ruleset: RulesetArgument,
    *,
    python: Annotated[
        bool, typer.Option("--python", help="print the generated Python module instead")
    ] = False,
    lang: LanguageOption = Language.EN,  # noqa: ARG001 - read where failures are reported
) -> None:
    """Print what every rule compiles to: rows in, rows out."""
    from kaocheng.host import Host
    from kaocheng.plan.printing import print_plan

    checked = Host.discover().load(ruleset)
    if python:
        from kaocheng.evaluate.python import compile_plan

        typer.echo(compile_plan(checked.plan).source)
        return
    typer.echo(f"ruleset {checked.name}")
    for line in print_plan(checked.plan):
        typer.echo(line)
