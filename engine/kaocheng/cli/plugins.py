"""`kaocheng plugins`: what is installed, and what of it does not work."""

from __future__ import annotations

import typer

from kaocheng.cli.options import Language, LanguageOption

FAILED = ("plugin `{name}` does not work: {problem}", "插件 `{name}` 不能使用：{problem}")


def plugins(*, lang: LanguageOption = Language.EN) -> None:
    """List the plugins with their packages, versions and hooks. Exit 1 when one does not work."""
    from kaocheng.host import Host

    host = Host.discover()
    for info in host.describe():
        typer.echo(f"{info.name:16} {info.package} {info.version}")
        for hook in info.hooks:
            typer.echo(f"                 {hook}")
    problems = host.problems()
    for failed in problems:
        text = FAILED[lang is Language.ZH]
        typer.echo(text.format(name=failed.name, problem=failed.problem), err=True)
    raise typer.Exit(1 if problems else 0)
