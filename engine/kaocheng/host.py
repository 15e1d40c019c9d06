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

from kaocheng.arguments import PATH, check_is
from kaocheng.diagnostics import nearest
from kaocheng.errors import InputError, RulesetError, UnknownRulesetError

if TYPE_CHECKING:
    from kaocheng.delivery.channels import Channel, ChannelKind
    from kaocheng.journal.formats import InputFormat
    from kaocheng.language.check import Checked
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.language.sections import Section


SAVED = ".kaocheng.json"
HOOKS = ("kaocheng_sections", "kaocheng_input_formats", "kaocheng_channels")


@frozen(kw_only=True)
class FailedPlugin:
    """A plugin that could not be loaded or asked: its name and what went wrong."""

    name: str
    problem: str


@frozen(kw_only=True)
class PluginInfo:
    """What is known of a plugin: the package it comes from, and the hooks that it answers."""

    name: str
    package: str
    version: str
    hooks: tuple[str, ...]


@frozen(kw_only=True)
class Host:
    """Plugins and rulesets by name; nothing is loaded until it is asked for."""

    plugins: tuple[tuple[str, object], ...] = ()
    rulesets: Mapping[str, Path] = field(factory=dict)
    failed: tuple[FailedPlugin, ...] = ()
    packages: Mapping[str, tuple[str, str]] = field(factory=dict)

    @classmethod
    def discover(cls) -> Host:
        """Everything that is installed; a plugin that fails takes nothing else down."""
        plugins: list[tuple[str, object]] = []
        failed: list[FailedPlugin] = []
        packages: dict[str, tuple[str, str]] = {}
        for point in entry_points(group="kaocheng.plugins"):
            if point.dist is not None:
                packages[point.name] = (point.dist.name, point.dist.version)
            try:
                plugins.append((point.name, point.load()))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's import may raise
                failed.append(FailedPlugin(name=point.name, problem=_reason(error)))
        # What the library ships comes first, so that a name of its own is not another's.
        plugins.sort(key=lambda plugin: packages.get(plugin[0], ("", ""))[0] != "kaocheng")
        return cls(
            plugins=tuple(plugins),
            rulesets=installed_rulesets(),
            failed=tuple(failed),
            packages=packages,
        )

    def sections(self) -> Sequence[Section]:
        """Every section that the plugins add to the language."""
        return tuple(self._collect("kaocheng_sections"))

    def formats(self) -> Sequence[InputFormat]:
        """The input formats of the library and of the plugins."""
        from kaocheng.journal.formats import BUILT_IN

        return (*BUILT_IN, *self._collect("kaocheng_input_formats"))

    def channels(self) -> Sequence[ChannelKind]:
        """The kinds of channels of the library and of the plugins."""
        from kaocheng.delivery.webhook import WEBHOOK

        return (WEBHOOK, *self._collect("kaocheng_channels"))

    def channel(self, address: str) -> Channel:
        """The channel of an address such as `webhook+https://example.org/hook#whsec_…`.

        Raises:
            InputError: there is no such kind of channel, or it cannot use the address.
        """
        from kaocheng.journal.texts import did_you_mean

        kinds = {kind.name: kind for kind in self.channels()}
        name, plus, rest = address.partition("+")
        if not plus or name not in kinds:
            known, hint = ", ".join(kinds), did_you_mean(name, kinds)
            raise InputError(
                "--deliver",
                f"no channel is called `{name[:20]}`; there are: {known}{hint.en}",
                zh=f"没有名为 `{name[:20]}` 的投递渠道，可用：{known}{hint.zh}",
            )
        try:
            return kinds[name].make(rest)
        except InputError as error:
            raise InputError("--deliver", error.message, zh=error.zh) from None

    def describe(self) -> tuple[PluginInfo, ...]:
        """Every plugin that loaded, with the hooks that it answers."""
        found = []
        for name, plugin in self.plugins:
            package, version = self.packages.get(name, ("", ""))
            hooks = tuple(h for h in HOOKS if getattr(plugin, h, None) is not None)
            found.append(PluginInfo(name=name, package=package, version=version, hooks=hooks))
        return tuple(found)

    def problems(self) -> tuple[FailedPlugin, ...]:
        """The plugins that did not load, and those that fail when a hook of theirs is called."""
        asked = [answer for hook in HOOKS for answer in self._answers(hook)]
        broken = {a.name: a for a in asked if isinstance(a, FailedPlugin)}
        return (*self.failed, *broken.values())

    def _collect(self, hook: str) -> Iterator[Any]:
        for answer in self._answers(hook):
            if not isinstance(answer, FailedPlugin):
                yield from answer

    def _answers(self, hook: str) -> Iterator[Sequence[Any] | FailedPlugin]:
        """What each plugin gives, or how it failed; one that fails takes nothing else down."""
        import pluggy

        from kaocheng.hookspecs import PROJECT, Hooks

        names: set[str] = set()
        for name, plugin in self.plugins:
            manager = pluggy.PluginManager(PROJECT)
            manager.add_hookspecs(Hooks)
            try:
                manager.register(plugin, name)
                given = [item for items in getattr(manager.hook, hook)() for item in items]
                called = [_name_of(item) for item in given]
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code may raise
                yield FailedPlugin(name=name, problem=f"{hook}: {_reason(error)}")
                continue
            taken = sorted(names.intersection(called))
            if taken:
                problem = f"{hook}: `{taken[0]}` is there already, from another plugin"
                yield FailedPlugin(name=name, problem=problem)
                continue
            names.update(called)
            yield given

    def find(self, name: str | Path) -> Path:
        """The folder or file of a ruleset: a path that exists, or the name of an installed one.

        Raises:
            UnknownRulesetError: there is no such ruleset and no such path.
            ArgumentError: it is neither text nor a path.
        """
        check_is("name", name, (str, Path), PATH)
        name, path = str(name), Path(name)
        if name and _exists(path):
            return path
        if name in self.rulesets:
            return self.rulesets[name]
        raise UnknownRulesetError(name, nearest(name, self.rulesets))

    def check(self, name: str | Path) -> Checked:
        """Check a ruleset by name or path; a saved one has been checked."""
        from kaocheng.language.check import Checked, check

        check_is("name", name, (str, Path), PATH)
        if str(name).endswith(SAVED):
            return Checked(ruleset=self.load(name), diagnostics=())
        formats = [item.name for item in self.formats()]
        return check(
            self.find(name), sections=self.sections(), formats=formats, installed=self.rulesets.get
        )

    def load(self, name: str | Path) -> Ruleset:
        """The checked ruleset of that name or path; a `.kaocheng.json` file is a saved one.

        Raises:
            RulesetError: it does not check; the error holds every diagnostic.
            UnknownRulesetError: there is no such ruleset and no such path.
            ArgumentError: it is neither text nor a path.
        """
        check_is("name", name, (str, Path), PATH)
        if str(name).endswith(SAVED):
            from kaocheng.language.saving import load

            return load(Path(name))
        checked = self.check(name)
        if checked.ruleset is None:
            raise RulesetError(checked.errors)
        return checked.ruleset


def _exists(path: Path) -> bool:
    """Whether there is such a path; a name that no file can have has none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _name_of(item: object) -> str:
    """The name of what a plugin gives, which everything that a hook asks for has."""
    name = getattr(item, "name", None)
    if not isinstance(name, str):
        raise TypeError(f"`{item!r}` is not what the hook asks for: it has no name")
    return name


def _reason(error: BaseException) -> str:
    """What went wrong, in one line, as whoever looks after the plugin wants to see it."""
    return " ".join(f"{type(error).__name__}: {error}".split())


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
