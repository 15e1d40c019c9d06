"""Which of several cases goes first when things are due on them at the same instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def first_of(case: str, above: Callable[[str], Iterable[str]]) -> str:
    """Of a case and all those above it, the one that none goes before.

    `above` gives the cases that go before one. Of cases in a ring the one with the first id goes
    first; so it does not matter with which of them somebody begins.
    """
    everything = _all_above(case, above)
    if not everything:  # as nearly always
        return case
    before = {name: _all_above(name, above) for name in {case} | everything}
    return min(
        name for name, others in before.items() if all(name in before[other] for other in others)
    )


def _all_above(case: str, above: Callable[[str], Iterable[str]]) -> set[str]:
    """The cases that are above one, directly or through others."""
    found: set[str] = set()
    names = [case]
    while names:
        new = set(above(names.pop())) - found
        found |= new
        names += new
    return found
