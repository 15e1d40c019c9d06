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
    from kaocheng.errors import InputError
    from kaocheng.host import SAVED, Host
    from kaocheng.language.saving import save

    if not output.name.endswith(SAVED):
        message = f"`{output.name}` does not end in `{SAVED}`, so nothing would read it"
        zh = f"`{output.name}` 未以 `{SAVED}` 结尾，存后无法读取"
        raise InputError("--output", message, zh=zh)
    save(Host.discover().load(ruleset), output)
    typer.echo(f"已写入：{output}" if lang is Language.ZH else f"written: {output}")
