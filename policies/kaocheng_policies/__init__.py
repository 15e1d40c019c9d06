"""The policies that come with the library: one module per section of a ruleset.

They are registered through the entry point `kaocheng.plugins` exactly as a
stranger's are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaocheng.hookspecs import hook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaocheng.language.sections import Section


class _Policies:
    """The plugin object: its hooks import the sections when they are called."""

    @hook
    def kaocheng_sections(self) -> Sequence[Section]:
        """All sections of this package."""
        from kaocheng_policies.accounts import ACCOUNTS
        from kaocheng_policies.bulletins import BULLETINS
        from kaocheng_policies.carry import CARRY
        from kaocheng_policies.deadlines import DEADLINES
        from kaocheng_policies.decisions import DECISIONS
        from kaocheng_policies.derived import DERIVED
        from kaocheng_policies.findings import FINDINGS
        from kaocheng_policies.notices import NOTICES
        from kaocheng_policies.points import POINTS
        from kaocheng_policies.properties import PROPERTIES
        from kaocheng_policies.standings import STANDINGS
        from kaocheng_policies.tallies import TALLIES
        from kaocheng_policies.violations import VIOLATIONS

        return (
            DEADLINES,
            FINDINGS,
            VIOLATIONS,
            DERIVED,
            TALLIES,
            ACCOUNTS,
            BULLETINS,
            POINTS,
            DECISIONS,
            CARRY,
            STANDINGS,
            NOTICES,
            PROPERTIES,
        )


plugin = _Policies()
