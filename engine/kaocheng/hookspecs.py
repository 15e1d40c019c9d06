"""The hooks of the library, all of them.

A plugin is a module or an object with functions of these names, marked by
`kaocheng.hookspecs.hook` and registered through the entry point group
`kaocheng.plugins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kaocheng.delivery.channels import ChannelKind
    from kaocheng.journal.formats import InputFormat
    from kaocheng.language.sections import Section

PROJECT = "kaocheng"

spec = pluggy.HookspecMarker(PROJECT)
hook = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """The hook specifications."""

    @spec
    def kaocheng_sections(self) -> Sequence[Section]:  # type: ignore[empty-body]
        """The sections (policies) that the plugin adds to the language."""

    @spec
    def kaocheng_input_formats(self) -> Sequence[InputFormat]:  # type: ignore[empty-body]
        """The formats of foreign inputs that the plugin can read."""

    @spec
    def kaocheng_channels(self) -> Sequence[ChannelKind]:  # type: ignore[empty-body]
        """The kinds of channels by which the plugin can deliver messages."""
