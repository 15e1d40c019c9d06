"""Print how much of the public conformance suite the language of rules accepts, in Markdown.

Run it as `python tests/conformance/share.py FILE`, FILE being the suite as JSON; without FILE it
is `cel_spec_tests.json` in the folder that the environment variable KAOCHENG_DATA names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kaocheng.language.cel import FrontEnd
from kaocheng.language.schema import Schema
from kaocheng.testing.conformance import accepted_share, judge, read_suite


def table(path: Path) -> str:
    """The Markdown table: each file of the core with its accepted entries, and the sum."""
    share = accepted_share(judge(read_suite(path), FrontEnd(Schema({}))))
    rows = [*share.items(), ("all", tuple(map(sum, zip(*share.values(), strict=True))))]
    lines = [f"| {name} | {accepted} | {total} |" for name, (accepted, total) in rows]
    return "\n".join(["| file | accepted | entries |", "| --- | ---: | ---: |", *lines])


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    folder = Path(os.environ.get("KAOCHENG_DATA", "."))
    path = Path(arguments[0]) if arguments else folder / "cel_spec_tests.json"
    sys.stdout.write(table(path) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
