"""Every row of the source texts is shown by scenarios that quote it."""

from __future__ import annotations

import pytest
import sources

TEXTS = ("000_", "001_", "002_", "003_", "004_")
SHOWN = [item for items in sources.shown_rows().values() for item in items]


def test_no_row_is_left_out() -> None:
    """Each of the 28 rows has a scenario."""
    assert 28 == len(sources.ROWS)
    assert [] == [row for row, items in sources.shown_rows().items() if not items]


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.scenario.id)
def test_a_row_quotes_its_text(item: sources.Shown) -> None:
    """The scenario quotes a sentence of one of the five texts, and shows what comes of it."""
    cite = item.scenario.cite or ""

    assert cite.startswith(TEXTS)
    assert "“" in cite
    assert item.rules or item.scenario.reads or item.scenario.states
