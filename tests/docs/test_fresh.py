"""The pages say what the code says: tables, output of commands, output of Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from generate import blocks, generated, share_block
from pages import DOCS, name_of, pages

from kaocheng.language.reference import fill, marked


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_pages_are_fresh(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filling the tables and running the examples again changes nothing; else `make docs`."""
    monkeypatch.delenv("KAOCHENG_DATA", raising=False)

    assert generated(page, tmp_path) == page.read_text("utf-8")


def test_the_share_of_the_conformance_suite_is_fresh(data_dir: Path) -> None:
    """The share of the public suite stands in the reference as it is; else `make docs`."""
    text = (DOCS / "language.md").read_text("utf-8")
    share = share_block(data_dir / "cel_spec_tests.json")

    assert fill(text, {"share": share}) == text


def test_every_block_has_one_place() -> None:
    """Every generated table stands on exactly one page, and every place has a table."""
    places = sorted(name for page in pages() for name in marked(page.read_text("utf-8")))

    assert sorted([*blocks(), "share"]) == places


def test_filling_leaves_what_it_does_not_know() -> None:
    """A place without a table stays as it is, and a filled one is filled again."""
    page = (
        "a\n<!-- generated: one -->\nold\n<!-- end -->\n<!-- generated: two -->\nb\n<!-- end -->\n"
    )
    once = fill(page, {"one": "new"})

    assert ("one", "two") == marked(page)
    assert once == page.replace("old", "\nnew\n")
    assert once == fill(once, {"one": "new"})
