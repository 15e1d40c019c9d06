"""The command line: one file per command, argument groups shared."""

from __future__ import annotations


def main() -> None:
    """Run the command line of this process."""
    from kaocheng.cli.app import run

    run()
