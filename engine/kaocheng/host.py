"""What is installed: sections, input formats and rulesets, from plugins given or discovered.

A `Host` is an ordinary object. Tests and embedders name their plugins; the command
line discovers them through the entry points `kaocheng.plugins` and `kaocheng.rulesets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from kaocheng.diagnostics import nearest
from kaocheng.errors import RulesetError, UnknownRulesetError

if TYPE_CHECKING:
    from kaocheng.journal.formats import InputFormat
    from kaocheng.language.check import Checked
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.language.sections import Section


SAVED = ".kaocheng.json"


@frozen(kw_only=True)
class FailedPlugin:
    """A plugin that could not be loaded: its name and what went wrong."""

    name: str
    problem: str


@frozen(kw_only=True)
class Host:
    """Plugins and rulesets by name; nothing is loaded until it is asked for."""

    plugins: tuple[tuple[str, object], ...] = ()
    rulesets: Mapping[str, Path] = field(factory=dict)
    failed: tuple[FailedPlugin, ...] = ()

    @classmethod
    def discover(cls) -> Host:
        """Everything that is installed; a plugin that fails takes nothing else down."""
        plugins: list[tuple[str, object]] = []
        failed: list[FailedPlugin] = []
        for point in entry_points(group="kaocheng.plugins"):
            try:
                plugins.append((point.name, point.load()))
            except Exception as error:  # noqa: BLE001 - a stranger's import may raise anything
                failed.append(FailedPlugin(name=point.name, problem=str(error)))
        return cls(plugins=tuple(plugins), rulesets=installed_rulesets(), failed=tuple(failed))

    def sections(self) -> Sequence[Section]:
        """Every section that the plugins add to the language."""
        return tuple(self._collect("kaocheng_sections"))

    def formats(self) -> Sequence[InputFormat]:
        """The input formats of the library and of the plugins."""
        from kaocheng.journal.formats import BUILT_IN

        return (*BUILT_IN, *self._collect("kaocheng_input_formats"))

    def _collect(self, hook: str) -> Iterator[Any]:
        import pluggy

        from kaocheng.hookspecs import PROJECT, Hooks

        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(Hooks)
        for name, plugin in self.plugins:
            manager.register(plugin, name)
        found = getattr(manager.hook, hook)()
        return (item for items in reversed(found) for item in items)

    def find(self, name: str) -> Path:
        """The folder or file of a ruleset: a path that exists, or the name of an installed one."""
        path = Path(name)
        if name and path.exists():
            return path
        if name in self.rulesets:
            return self.rulesets[name]
        raise UnknownRulesetError(name, nearest(name, self.rulesets))

    def check(self, name: str) -> Checked:
        """Check a ruleset by name or path."""
        from kaocheng.language.check import check

        formats = [item.name for item in self.formats()]
        return check(
            self.find(name), sections=self.sections(), formats=formats, installed=self.rulesets.get
        )

    def load(self, name: str) -> Ruleset:
        """The checked ruleset of that name or path; a `.kaocheng.json` file is a saved one.

        Raises:
            RulesetError: it does not check; the error holds every diagnostic.
            UnknownRulesetError: there is no such ruleset and no such path.
        """
        if name.endswith(SAVED):
            from kaocheng.language.saving import load

            return load(Path(name))
        checked = self.check(name)
        if checked.ruleset is None:
            raise RulesetError(checked.errors)
        return checked.ruleset


def installed_rulesets() -> Mapping[str, Path]:
    """Folders of rulesets by name, from the packages that offer them."""
    found: dict[str, Path] = {}
    for point in entry_points(group="kaocheng.rulesets"):
        spec = find_spec(point.module)
        for location in spec.submodule_search_locations or () if spec is not None else ():
            found |= ruleset_folders(Path(location))
    return dict(sorted(found.items()))


def ruleset_folders(root: Path) -> Mapping[str, Path]:
    """Folders below `root` that hold a ruleset."""
    return {path.name: path for path in sorted(root.iterdir()) if (path / "versions").is_dir()}
