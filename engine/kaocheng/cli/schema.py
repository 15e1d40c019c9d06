"""`kaocheng schema`: the JSON Schema of version files, for editors."""

from __future__ import annotations

import json

import typer

from kaocheng.cli.options import Language, LanguageOption


def schema(*, lang: LanguageOption = Language.EN) -> None:
    """Print the JSON Schema of version files. It has the sections of all plugins."""
    from kaocheng.host import Host
    from kaocheng.language.json_schema import version_schema

    made = version_schema(Host.discover().sections(), language=lang.value)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
