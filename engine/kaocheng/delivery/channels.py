"""What takes messages, and how it is made from an address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from kaocheng.delivery.messages import Message


class Channel(Protocol):
    """Takes messages to somebody.

    `name` is the same for as long as it is the same receiver, because it is kept with a
    message that only some channels have taken, and it tells no secret. `send` may be asked
    to send a message again that it has sent already.
    """

    @property
    def name(self) -> str:
        """What logs and the database call it."""

    def wants(self, message: Message) -> bool:
        """Whether the message is for this channel at all."""

    def send(self, message: Message) -> None:
        """Send a message; it has arrived when this returns.

        Raises:
            DeliveryError: it has not, or nobody knows.
        """


@frozen
class ChannelKind:
    """A kind of channels: an address `name+rest` becomes the channel that `make(rest)` gives.

    `make` refuses what it cannot use with an `InputError`, in both languages.
    """

    name: str
    make: Callable[[str], Channel]


def safe_name(kind: str, host: str, address: str) -> str:
    """A name for a channel that tells its receivers apart and shows nothing but the host."""
    digest = hashlib.sha256(address.encode()).hexdigest()
    return f"{kind}:{host}#{digest[:8]}"
