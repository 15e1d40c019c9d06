"""First-party integrations, registered through the entry point `kaocheng.plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.hookspecs import hook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.delivery import ChannelKind
    from kaocheng.journal.formats import InputFormat


class _Integrations:
    """The plugin object: its hooks import what they need when they are called."""

    @hook
    def kaocheng_input_formats(self) -> Sequence[InputFormat]:
        """The input formats of this package."""
        from kaocheng_plugins.xes import XES

        return (XES,)

    @hook
    def kaocheng_channels(self) -> Sequence[ChannelKind]:
        """The kinds of channels of this package."""
        from kaocheng_plugins.people import APPRISE, APPRISE_ZH

        return (APPRISE, APPRISE_ZH)


plugin = _Integrations()
