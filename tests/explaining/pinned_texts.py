"""Texts of explanations as they are pinned, and how to write them anew.

python tests/explaining/pinned_texts.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from desk_stories import STORIES

from kaocheng import Host, assess, explain, open_input
from kaocheng.assessing import last_instant
from kaocheng.calendars.zones import build_zone

HERE = Path(__file__).parent
DESK = HERE / "golden" / "desk.txt"
SHIPPED = ("permit-receipt", "washington-breach", "wuhu-information")
LANGUAGES = ("en", "zh")
# On a roll only these periods are explained, or the texts would be as many as the days.
PERIODS = {
    "unit/synthetic-002": ("2009-03-01", "2009-03-02", "2009-03-31", "2009-03", "2009"),
    "unit/synthetic-003": ("2009-W10", "2009-W11", "2009-03", "2009"),
}


def read(path: Path) -> Mapping[str, str]:
    """What a golden file says of each case."""
    parts = re.split(r"^== (.+)\n", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {name: text.strip("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def written(texts: Mapping[str, str]) -> str:
    """A golden file."""
    return "".join(f"== {name}\n{text}\n\n" for name, text in texts.items())


def of_desk() -> Mapping[str, str]:
    """What explains each story of the desk."""
    desk = Host.discover().load(str(HERE / "desk"))
    return {name: story.text(desk) for name, story in STORIES.items()}


def of_shipped(name: str) -> Mapping[str, str]:
    """What explains each case of the sample of a shipped ruleset."""
    return dict(_shipped(name))


def _shipped(name: str) -> Iterator[tuple[str, str]]:
    host = Host.discover()
    ruleset = host.load(name)
    (sample,) = (host.find(name) / "sample").iterdir()
    journal = open_input(sample, ruleset, host.formats())
    as_of = last_instant(journal.events, build_zone(ruleset.versions[-1].zone))
    assert as_of is not None
    assessment = assess(ruleset, journal, as_of=as_of)
    for case in sorted({event.case for event in journal.events}):
        for period in PERIODS.get(case, (None,)):
            found = explain(assessment, case, period=period)
            for language in LANGUAGES:
                head = " ".join((case, *([period] if period else []), language))
                texts = ["\n".join(e.texts(language)) for e in found]
                yield head, "\n\n".join(texts)


def path_of(name: str) -> Path:
    """The golden file of a shipped ruleset."""
    return HERE / "golden" / f"{name}.txt"


if __name__ == "__main__":
    DESK.write_text(written(of_desk()), "utf-8")
    for shipped in SHIPPED:
        path_of(shipped).write_text(written(of_shipped(shipped)), "utf-8")
