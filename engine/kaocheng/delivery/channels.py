"""What takes messages, and how it is made from an address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from kaocheng.arguments import CHANNELS, check_each
from kaocheng.delivery.messages import Message
from kaocheng.errors import ArgumentError

_NO_CHANNEL = (
    "must be channels, with `name`, `wants` and `send`",
    "应为渠道，须有 `name`、`wants`、`send`",
)
_NO_NAME = ("must have names that are text and not empty", "的名称应为非空文本")


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


def check_channels(channels: Sequence[object]) -> None:
    """Refuse what is no channel, and two of one name: what one has got, the other would not get.

    Raises:
        ArgumentError: it says which.
    """
    check_each("channels", channels, object, CHANNELS)
    seen: set[object] = set()
    for channel in channels:
        name = getattr(channel, "name", None)
        if not all(callable(getattr(channel, part, None)) for part in ("wants", "send")):
            why = _NO_CHANNEL
        elif not isinstance(name, str) or not name.strip():
            why = _NO_NAME
        elif name in seen:
            why = (
                f"has two of the name `{name}`, and a message is done once one of them has it",
                f"中有两个渠道同名 `{name}`，其一收到即视为送达",
            )
        else:
            seen.add(name)
            continue
        en, zh = why
        raise ArgumentError("channels", en, zh=zh)


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
