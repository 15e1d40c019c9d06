"""Who may read a case: nobody but those whom a reader permits and none bars.

The order of readers means nothing: one that bars counts before all that permit, and what
is unknown is decided against the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import field, frozen

from kaocheng.calendars.numberline import OffsetTable
from kaocheng.journal.texts import Text
from kaocheng.language.ruleset import Reader
from kaocheng.lifecycle.conditions import Asked, either, held
from kaocheng.lifecycle.decisions import Refusal
from kaocheng.lifecycle.guards import Guard, GuardCompiler, readings_text, unknown_text


@frozen
class Access:
    """Whether a case may be read, and every reason if it may not."""

    allowed: bool
    reasons: tuple[Refusal, ...] = ()

    def message(self, language: str = "en") -> str:
        """All reasons in one line; empty when it may."""
        separator = "；" if language == "zh" else "; "
        return separator.join(reason.message(language) for reason in self.reasons)


PERMITTED = Access(allowed=True)


@frozen(eq=False)
class _Rule:
    """One reader, ready to be asked."""

    reader: Reader
    guard: Guard | None
    roles: frozenset[str] = field(init=False)

    @roles.default
    def _roles(self) -> frozenset[str]:
        return frozenset(self.reader.by)

    def is_about(self, asked: Asked) -> bool:
        """Whether it speaks of somebody with the actor's roles."""
        if not self.roles:
            return True
        return asked.actor is not None and not self.roles.isdisjoint(asked.actor.roles)

    def holds(self, asked: Asked) -> object:
        """Whether its condition holds; None is unknown."""
        guard = self.guard
        return True if guard is None else guard.holds(asked.row, asked.actor_row, asked.context)


class CaseReaders:
    """The readers of one kind in one version, shared by all of its cases."""

    __slots__ = ("_bars", "_permits", "kind")

    def __init__(
        self,
        kind: str,
        readers: Iterable[Reader],
        *,
        compile_guard: GuardCompiler,
        zone: OffsetTable | None = None,
    ) -> None:
        self.kind = kind
        rules = [
            _Rule(r, None if r.when is None else Guard(r.when, compile_guard, zone))
            for r in readers
        ]
        self._bars = tuple(rule for rule in rules if rule.reader.barred)
        self._permits = tuple(rule for rule in rules if not rule.reader.barred)

    def decide(self, asked: Asked) -> Access:
        """Whether the actor may read the case, and every reason if not."""
        barred = tuple(r for rule in self._bars for r in _barred(rule, asked))
        permitted = any(r.is_about(asked) and r.holds(asked) is True for r in self._permits)
        if permitted and not barred:
            return PERMITTED
        reasons = () if permitted else tuple(self._not_permitted(asked))
        return Access(allowed=False, reasons=(*barred, *reasons))

    def _not_permitted(self, asked: Asked) -> Iterator[Refusal]:
        if not self._permits:
            yield Refusal("no_readers", {"kind": self.kind})
        for rule in self._permits:
            yield from _missing(rule, asked)


def _barred(rule: _Rule, asked: Asked) -> Iterator[Refusal]:
    if not rule.is_about(asked):
        return
    holds = rule.holds(asked)
    if holds is False:
        return
    if rule.guard is None:
        yield Refusal("reader_barred_role", {"roles": either(rule.reader.by)})
        return
    code = "reader_barred" if holds is True else "reader_barred_unknown"
    yield Refusal(code, _condition(rule.guard, asked, known=holds is True))


def _missing(rule: _Rule, asked: Asked) -> Iterator[Refusal]:
    """What one reader still wants."""
    if not rule.is_about(asked):
        values: dict[str, str | Text] = {"roles": either(rule.reader.by)}
        if asked.actor is None:
            yield Refusal("reader_no_actor", values)
        else:
            own: dict[str, str | Text] = {"actor": asked.actor.id, "held": held(asked.actor)}
            yield Refusal("reader_role", {**values, **own})
        return
    holds = rule.holds(asked)
    if rule.guard is not None and holds is not True:
        known = holds is False
        code = "reader_false" if known else "reader_unknown"
        yield Refusal(code, _condition(rule.guard, asked, known=known))


def _condition(guard: Guard, asked: Asked, *, known: bool) -> dict[str, str | Text]:
    readings = guard.readings(asked.row, asked.actor_row, asked.context)
    why = readings_text(readings) if known else unknown_text(readings)
    return {"guard": guard.text, "readings": why}
