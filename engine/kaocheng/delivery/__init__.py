"""Telling others what happened: messages, and the channels that take them.

A message is a CloudEvent 1.0. A channel is anything with a name that takes messages; the
library ships signed webhooks, and plugins add more (`kaocheng_channels`).
"""

from kaocheng.delivery.channels import Channel, ChannelKind, check_channels, safe_name
from kaocheng.delivery.messages import Message, is_source, read_message

__all__ = [
    "Channel",
    "ChannelKind",
    "Message",
    "check_channels",
    "is_source",
    "read_message",
    "safe_name",
]
