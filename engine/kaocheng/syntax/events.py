"""The parser's events as this stage reads them; the one place that knows where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

import yaml
from attrs import frozen


class Mark(Protocol):
    """A place in the text, counted from 0 in code points."""

    line: int
    column: int
    index: int


class Event(Protocol):
    """What the parser says next. Each kind has the attributes that its handler reads."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool | None


@frozen
class Refusal:
    """What the parser could not read.

    `problem` and `context` are the parser's words, to look up and never to show; `at` is
    where it stopped and `opened` where the thing begins that it was reading.
    """

    problem: str
    context: str
    at: int
    opened: int


class RefusedError(Exception):
    """The text cannot be read any further."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def events(text: str) -> Iterator[Event]:
    """The events of a YAML text, one after the other; nothing is composed or constructed.

    Raises:
        RefusedError: the text cannot be read any further.
    """
    try:
        yield from cast("Iterator[Event]", yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        at = 0 if error.problem_mark is None else error.problem_mark.index
        opened = at if error.context_mark is None else error.context_mark.index
        refusal = Refusal(error.problem or "", error.context or "", at, opened)
        raise RefusedError(refusal) from None
