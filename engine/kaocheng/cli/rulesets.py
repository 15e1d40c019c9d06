"""`kaocheng rulesets`: what is installed."""

from __future__ import annotations

import typer


def rulesets() -> None:
    """List the installed rulesets and their folders."""
    from kaocheng.host import Host

    host = Host.discover()
    for name, path in host.rulesets.items():
        typer.echo(f"{name:24} {path}")
