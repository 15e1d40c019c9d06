"""How a command that runs on is told to end: by signals, from before anything else is loaded.

Loading takes longer than many a supervisor waits between starting and stopping. Here is nothing
but what the interpreter has loaded anyway, or nearly so.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Stop:
    """A handler of signals, which sets a flag."""

    def __init__(self) -> None:
        self.flag = Flag()

    def __call__(self, *_: object) -> None:
        self.flag.set()


def listen() -> None:
    """Have signals set a flag from now on, and until the process ends: `stopping` gives it."""
    stop = _Stop()
    for number in _SIGNALS:
        signal.signal(number, stop)


@contextmanager
def stopping() -> Iterator[Flag]:
    """A flag that signals set, or have set since `listen`; then they mean again what they meant."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    found = before[signal.SIGTERM]
    stop = found if isinstance(found, _Stop) else _Stop()
    for number in _SIGNALS:
        signal.signal(number, stop)
    try:
        yield stop.flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
