"""What an expression means besides its variables: relations, version, zone and calendar."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kaocheng.calendars.editions import Edition
from kaocheng.calendars.zones import Zone, Zones
from kaocheng.language.schema import Relation
from kaocheng.language.types import ListOf, Row, Type
from kaocheng.plan.algebra import Plan, VersionFacts


@frozen(kw_only=True)
class Setting:
    """One version of a ruleset as expressions see it.

    `zones` keeps the tables of zones that were built before; give the same one to every
    setting of a process.
    """

    relations: Mapping[str, Relation]
    version: VersionFacts
    editions: Mapping[str, Edition] = field(factory=dict)
    zones: Zones = field(factory=Zones, eq=False, repr=False)

    @property
    def zone(self) -> Zone:
        """The table of the version's time zone."""
        return self.zones.get(self.version.zone)

    @property
    def edition(self) -> Edition | None:
        """The edition of the version's calendar, if it names one."""
        return None if self.version.calendar is None else self.editions[self.version.calendar]

    def relation_of(self, type_: Type) -> Relation:
        """The relation whose row, or list of rows, has this type."""
        row = type_.item if isinstance(type_, ListOf) else type_
        if not isinstance(row, Row):
            message = f"`{type_}` is not a row"
            raise TypeError(message)
        return self.relations[row.relation]


def setting_of(plan: Plan, version: int, *, zones: Zones | None = None) -> Setting:
    """The setting of one version of a plan."""
    return Setting(
        relations=plan.relations,
        version=plan.versions[version],
        editions=plan.editions,
        zones=zones or Zones(),
    )
