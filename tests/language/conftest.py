"""Rulesets written down in tests, and what checking them came to."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import frozen

from kaocheng.diagnostics import Diagnostic
from kaocheng.language.check import Checked, check
from kaocheng.language.ruleset import Kind, Ruleset, Version
from kaocheng_policies import plugin

HEAD = 'kaocheng: 1\nruleset: tried\nversion: "{version}"\neffective: {{from: {begins}}}\n'


@frozen
class Outcome:
    """A checked ruleset with its questions put shortly."""

    checked: Checked

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics."""
        return self.checked.diagnostics

    @property
    def names(self) -> list[str]:
        """The names of the diagnostics, in the order of their places."""
        return [item.code.name for item in self.checked.diagnostics]

    @property
    def messages(self) -> list[str]:
        """The sentences of the diagnostics."""
        return [item.message() for item in self.checked.diagnostics]

    @property
    def ruleset(self) -> Ruleset:
        """The ruleset, which must have passed."""
        assert self.checked.ruleset is not None, self.messages
        return self.checked.ruleset

    @property
    def version(self) -> Version:
        """The only version."""
        (version,) = self.ruleset.versions
        return version

    def kind(self, name: str) -> Kind:
        """A kind of the only version."""
        return self.version.kinds[name]


Check = Callable[..., Outcome]


@pytest.fixture
def check_versions(tmp_path: Path) -> Check:
    """Checks version files by name, and others beside their folder, with the usual sections."""

    def run(versions: Mapping[str, str], **files: str | bytes) -> Outcome:
        folder = tmp_path / "tried"
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        for name, text in versions.items():
            path = folder / "versions" / f"{name}.yaml"
            path.write_text(textwrap.dedent(text), "utf-8")
        for name, data in files.items():
            path = folder / name.replace("__", ".")
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return Outcome(check(folder, sections=plugin.kaocheng_sections()))

    return run


@pytest.fixture
def check_text(check_versions: Check) -> Check:
    """Checks the body of a single version, below a head that is right."""

    def run(text: str, **files: str | bytes) -> Outcome:
        return check_versions({"1": head() + textwrap.dedent(text)}, **files)

    return run


def head(version: str = "1", begins: str = "open") -> str:
    """The head of a version."""
    return HEAD.format(version=version, begins=begins)
