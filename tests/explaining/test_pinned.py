"""Explanations as people read them, pinned whole in English and in Chinese."""

from __future__ import annotations

import pytest
from desk_stories import STORIES
from pinned_texts import DESK, SHIPPED, of_shipped, path_of, read

from kaocheng import Ruleset


@pytest.mark.parametrize("name", STORIES)
def test_a_story_of_the_desk(desk: Ruleset, name: str) -> None:
    """What a rule says of a story is exactly what is pinned."""
    assert read(DESK)[name] == STORIES[name].text(desk)


def test_nothing_pinned_is_idle() -> None:
    """Every text that is pinned for the desk belongs to a story."""
    assert list(STORIES) == list(read(DESK))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sample_of_a_shipped_ruleset(name: str) -> None:
    """What is said of every case of a shipped sample is exactly what is pinned."""
    assert read(path_of(name)) == of_shipped(name)
