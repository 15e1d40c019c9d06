"""A flag that says when a worker is to stop, and takes no time."""

from __future__ import annotations

from threading import Event as Flag


class Days(Flag):
    """Ends a worker after some waits, each of which takes half a day."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.waits, self.most = 0, most

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - it takes no time
        """Half a day goes by."""
        self.waits += 1
        if self.waits == self.most:
            self.set()
        return self.is_set()
