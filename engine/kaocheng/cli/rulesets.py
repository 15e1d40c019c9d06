"""`kaocheng rulesets`: what is installed."""

from __future__ import annotations

import typer


def rulesets() -> None:
    """List the installed rulesets, their folders, and plugins that failed to load."""
    from kaocheng.host import Host

    host = Host.discover()
    for name, path in host.rulesets.items():
        typer.echo(f"{name:24} {path}")
    for failed in host.failed:
        typer.echo(f"plugin `{failed.name}` could not be loaded: {failed.problem}", err=True)
