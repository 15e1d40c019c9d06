"""A host asks every plugin, and one that fails takes nothing else down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from kaocheng import InputError
from kaocheng import host as hosts
from kaocheng.delivery import ChannelKind, Message
from kaocheng.hookspecs import hook
from kaocheng.host import FailedPlugin, Host
from kaocheng.language.sections import Section
from kaocheng_policies import plugin as policies


class _Failing:
    @hook
    def kaocheng_sections(self) -> Sequence[Section]:
        """A hook that does not get far."""
        raise LookupError("no figures\nfor 2027")


def test_a_hook_that_fails_takes_nothing_else_down() -> None:
    """The sections of the other plugins are there, and the failure is named in one line."""
    host = Host(plugins=(("failing", _Failing()), ("policies", policies)))

    assert [s.name for s in policies.kaocheng_sections()] == [s.name for s in host.sections()]
    assert (
        FailedPlugin(name="failing", problem="kaocheng_sections: LookupError: no figures for 2027"),
    ) == host.problems()


class _Wrong:
    @hook
    def kaocheng_sections(self) -> Sequence[Any]:
        """Something else than sections."""
        return [5]


class _Leaving:
    @hook
    def kaocheng_sections(self) -> Sequence[Section]:
        """It wants everything to end."""
        raise SystemExit(3)


class _Twice:
    @hook
    def kaocheng_sections(self) -> Sequence[Section]:
        """Sections that are there already."""
        return policies.kaocheng_sections()


@pytest.mark.parametrize(
    ("plugin", "problem"),
    [
        (_Wrong(), "TypeError: `5` is not what the hook asks for: it has no name"),
        (_Leaving(), "SystemExit: 3"),
        (_Twice(), "`accounts` is there already, from another plugin"),
    ],
)
def test_answers_that_are_none_are_left_out(plugin: object, problem: str) -> None:
    """Wrong things, an exit, and names that are taken: the plugin is named, the rest works."""
    host = Host(plugins=(("policies", policies), ("stranger", plugin)))

    assert [s.name for s in policies.kaocheng_sections()] == [s.name for s in host.sections()]
    (failed,) = host.problems()
    assert ("stranger", f"kaocheng_sections: {problem}") == (failed.name, failed.problem)


def test_a_plugin_that_does_not_import(
    monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any]
) -> None:
    """It is named with its error, by `plugins` and by `check`, and everything else works."""
    known = hosts.entry_points
    absent = EntryPoint("absent", "kaocheng_absent:plugin", "kaocheng.plugins")

    def entry_points(*, group: str) -> list[EntryPoint]:
        found = list(known(group=group))
        return [absent, *found] if group == "kaocheng.plugins" else found

    monkeypatch.setattr(hosts, "entry_points", entry_points)
    said = "ModuleNotFoundError: No module named 'kaocheng_absent'"
    plugins, check = cli("plugins"), cli("check", "washington-breach")

    assert f"plugin `absent` does not work: {said}\n" == plugins.err
    assert 1 == plugins.code
    assert said in check.err
    assert 0 == check.code
    assert "absent" not in plugins.out


def test_plugins_are_listed_with_their_hooks(cli: Callable[..., Any]) -> None:
    """Each stands with its package, its version and the hooks that it answers."""
    lines = cli("plugins").out.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("policies "))

    assert "kaocheng" == lines[place].split()[1]
    assert "kaocheng_sections" == lines[place + 1].strip()


def test_a_ruleset_is_found_by_a_path_object(host: Host) -> None:
    """Whoever embeds it has paths and not texts."""
    folder = host.rulesets["washington-breach"]

    assert host.find(folder) == folder
    assert host.load(folder).versions == host.load(str(folder)).versions


class _Pigeon:
    """A channel that carries anything anywhere."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wants(self, message: Message) -> bool:  # noqa: ARG002 - as every channel has it
        """Everything."""
        return True

    def send(self, message: Message) -> None:
        """Fly."""


class _Loft:
    @hook
    def kaocheng_channels(self) -> Sequence[ChannelKind]:
        """Pigeons."""
        return [ChannelKind("pigeon", _Pigeon)]


def test_a_plugin_adds_channels() -> None:
    """An address goes to the kind that its first word names; the rest is the kind's own."""
    host = Host(plugins=(("loft", _Loft()),))

    assert ["webhook", "pigeon"] == [kind.name for kind in host.channels()]
    assert "home+again" == host.channel("pigeon+home+again").name
    with pytest.raises(InputError, match="did you mean `pigeon`"):
        host.channel("pigeons+home")
    assert () == host.problems()
