"""Whether what was published can still be computed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

from attrs import frozen

from kaocheng.engine.database import Bulletin


@frozen(kw_only=True)
class Replayed:
    """A bulletin that was computed again.

    `difference` are the lines that differ, as a unified diff; `versions_changed` says that
    the ruleset is not the one under which it was published.
    """

    bulletin: Bulletin
    difference: tuple[str, ...]
    versions_changed: bool

    @property
    def same(self) -> bool:
        """Whether the same text came out."""
        return not self.difference


def replayed(bulletin: Bulletin, text: str, versions: Sequence[str]) -> Replayed:
    """Compare a bulletin with the text that comes out now."""
    difference = unified_diff(
        bulletin.text.splitlines(), text.splitlines(), "published", "now", lineterm=""
    )
    return Replayed(
        bulletin=bulletin,
        difference=tuple(difference),
        versions_changed=tuple(versions) != bulletin.versions,
    )
