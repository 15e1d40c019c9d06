"""The command line: one file per command, argument groups shared."""

from __future__ import annotations


def main() -> None:
    """Run the command line of this process.

    A worker may be told to stop while all that it needs is still being loaded.
    """
    import sys

    if sys.argv[1:2] == ["worker"]:
        from kaocheng.cli.stopping import listen

        listen()

    from kaocheng.cli.app import run

    run()
