"""`kaocheng compile`: save a checked ruleset to one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kaocheng.cli.options import Language, LanguageOption, RulesetArgument


def compile_(
    ruleset: RulesetArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="ends in .kaocheng.json")
    ],
    *,
    lang: LanguageOption = Language.EN,
) -> None:
    """Save a checked ruleset to one file. It loads without the CEL library."""
    from kaocheng.host import Host
    from kaocheng.language.saving import save

    save(Host.discover().load(ruleset), output)
    typer.echo(f"已写入：{output}" if lang is Language.ZH else f"written: {output}")
