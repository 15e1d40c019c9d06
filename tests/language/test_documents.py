"""Versions that extend others: what they take over, replace and drop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng.diagnostics import Diagnostics
from kaocheng.language.check import check
from kaocheng.language.documents import Documents, version_files
from kaocheng_policies import plugin

Check = Callable[..., Any]

BASE = """\
kaocheng: 1
ruleset: tried
version: "1"
effective: {from: open}
kinds: {report: {fields: {pages: int}}}
parameters: {limit: {type: int, value: 3, clause: "1"}}
findings:
  - {id: long, clause: "1", for: report as r, when: r.pages > limit, finding: long}
  - {id: short, clause: "2", for: report as r, when: r.pages < limit, finding: short}
"""
CHILD = """\
kaocheng: 1
ruleset: tried
version: "2"
effective: {from: 2020-01-01}
extends: "1"
"""


def rules(outcome: Any) -> list[list[str]]:  # noqa: ANN401
    """The rules of each version."""
    return [sorted(version.rules) for version in outcome.ruleset.versions]


def clauses(outcome: Any) -> dict[str, str]:  # noqa: ANN401
    """The clauses of the rules of the last version."""
    return {name: rule.clause for name, rule in outcome.ruleset.versions[-1].rules.items()}


def test_a_version_takes_over_what_it_extends(check_versions: Check) -> None:
    """A version that extends another has all of its kinds, parameters and rules."""
    outcome = check_versions({"1": BASE, "2": CHILD})

    assert [["long", "short"], ["long", "short"]] == rules(outcome)
    assert {"limit": 3} == outcome.ruleset.versions[1].parameters


def test_a_version_adds(check_versions: Check) -> None:
    """What a version declares besides is added, in new sections and in those of the base."""
    added = """\
parameters: {other: {type: int, value: 9, clause: "3"}}
findings:
  - {id: huge, clause: "3", for: report as r, when: r.pages > other, finding: huge}
tallies:
  - {id: reports, clause: "4", for: report as r, count: rows}
"""
    outcome = check_versions({"1": BASE, "2": CHILD + added})

    assert [["long", "short"], ["huge", "long", "reports", "short"]] == rules(outcome)


def test_a_version_replaces(check_versions: Check) -> None:
    """A rule that replaces another stands in its place, whatever its own id."""
    replacing = """\
findings:
  - {id: long, replaces: long, clause: "8", for: report as r, when: r.pages > 8, finding: long}
  - {id: tiny, replaces: short, clause: "9", for: report as r, when: r.pages < 2, finding: tiny}
"""
    outcome = check_versions({"1": BASE, "2": CHILD + replacing})

    assert {"long": "8", "tiny": "9"} == clauses(outcome)


@pytest.mark.parametrize("hours", ["[09:00-12:00, 13:00-17:00]", "[18:00-20:00]", "09:00-16:00"])
def test_a_list_without_names_is_said_anew(check_versions: Check, hours: str) -> None:
    """Business hours of a version are those that it says, and not in addition to earlier ones."""
    calendar = "time_zone: Asia/Shanghai\ncalendar: CN\n"
    base = f"{BASE}{calendar}business_hours: [08:30-12:00, 14:00-17:30]\n"
    alone = check_versions({"1": BASE + calendar + f"business_hours: {hours}\n"})

    outcome = check_versions({"1": base, "2": f"{CHILD}business_hours: {hours}\n"})

    assert not outcome.diagnostics
    old, new = (version.calendar for version in outcome.ruleset.versions)
    assert old != new
    assert alone.ruleset.versions[0].calendar == new


def test_a_version_drops(check_versions: Check) -> None:
    """What `without` names falls away, rules and other declarations alike."""
    dropping = """\
without: [short, limit]
parameters: {limit: {type: int, value: 5, clause: "5"}}
"""
    outcome = check_versions({"1": BASE, "2": CHILD + dropping})

    assert [["long", "short"], ["long"]] == rules(outcome)
    assert {"limit": 5} == outcome.ruleset.versions[1].parameters


def test_the_same_id_shows_both_places(check_versions: Check) -> None:
    """The same id without `replaces` is an error at the second place that labels the first."""
    again = """\
findings:
  - {id: long, clause: "8", for: report as r, when: r.pages > 8, finding: long}
"""
    (item,) = check_versions({"1": BASE, "2": CHILD + again}).diagnostics
    (label,) = item.labels

    assert ("duplicate-id", 7, 10) == (item.code.name, item.span.line, item.span.column)
    assert ("1.yaml", 8, 10) == (Path(label.span.file).name, label.span.line, label.span.column)


def test_what_is_only_wrong_below_is_labelled(check_versions: Check) -> None:
    """A rule that a version breaks by dropping what it reads is reported with that version."""
    (item,) = check_versions({"1": BASE, "2": CHILD + "without: [limit, short]\n"}).diagnostics
    (label,) = item.labels

    assert ("unknown-name", "1.yaml") == (item.code.name, Path(item.span.file).name)
    assert ("2.yaml", 5) == (Path(label.span.file).name, label.span.line)
    assert "seen from the version that extends it here" == label.en


def test_mistakes_of_the_base_are_reported_once(check_versions: Check) -> None:
    """What is wrong in a version is not repeated for every version that extends it."""
    outcome = check_versions({"1": BASE.replace("pages >", "page >"), "2": CHILD})

    assert ["unknown-field"] == outcome.names
    assert () == outcome.diagnostics[0].labels


def test_a_long_chain(tmp_path: Path) -> None:
    """A thousand versions may extend one another."""
    for number in range(1_000):
        text = BASE if number == 0 else CHILD.replace('"1"', f'"{number - 1}"')
        (tmp_path / f"{number}.yaml").write_text(text, "utf-8")
    diagnostics = Diagnostics()
    document = Documents(lambda _: None).read(tmp_path / "999.yaml", diagnostics)

    assert (0, True) == (
        len(diagnostics),
        document is not None and document.node("findings") is not None,
    )


def test_an_installed_ruleset(tmp_path: Path) -> None:
    """`NAME/VERSION` extends a version of an installed ruleset."""
    for folder, name, text in (("base", "1", BASE), ("tried", "2", CHILD)):
        path = tmp_path / folder / "versions" / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(text.replace('extends: "1"', "extends: base/1"), "utf-8")
    installed = {"base": tmp_path / "base"}.get
    sections = plugin.kaocheng_sections()
    checked = check(tmp_path / "tried", sections=sections, installed=installed)

    assert checked.ruleset is not None
    assert ["long", "short"] == sorted(checked.ruleset.versions[0].rules)
    assert not check(tmp_path / "tried", sections=sections).passed


@pytest.mark.parametrize("name", ["../1", "/1", "../../tried/versions/../../1", "a\\0b", "x" * 999])
def test_nothing_outside_the_folder_is_extended(check_versions: Check, name: str) -> None:
    """`extends` cannot leave the folder, by no name."""
    outcome = check_versions({"2": CHILD.replace('"1"', f'"{name}"')})

    assert outcome.names[0] in ("extends-outside", "extends-missing")


def test_a_link_out_of_the_folder(check_versions: Check, tmp_path: Path) -> None:
    """A symbolic link does not lead out of the folder either."""
    secret = tmp_path / "secret.yaml"
    secret.write_text(BASE, "utf-8")
    check_versions({"1": BASE})
    (tmp_path / "tried/versions/linked.yaml").symlink_to(secret)
    outcome = check_versions({"2": CHILD.replace('"1"', "linked")})

    assert "extends-outside" in outcome.names


def test_a_subfolder(check_versions: Check, tmp_path: Path) -> None:
    """What is extended may lie below the folder, where it is no version of its own."""
    below = tmp_path / "tried/versions/shared"
    below.mkdir(parents=True)
    (below / "base.yaml").write_text(BASE, "utf-8")
    outcome = check_versions({"2": CHILD.replace('"1"', "shared/base.yaml")})

    assert [["long", "short"]] == rules(outcome)


def test_version_files(tmp_path: Path) -> None:
    """The versions of a ruleset are the YAML files of its folder `versions`, or the named file."""
    versions = tmp_path / "versions"
    versions.mkdir()
    for name in ("b.yaml", "a.yaml", "c.yml", "d.txt"):
        (versions / name).write_text("", "utf-8")

    assert (versions / "a.yaml", versions / "b.yaml") == version_files(tmp_path)
    assert (versions / "c.yml",) == version_files(versions / "c.yml")


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that several others extend is read once."""
    for name in ("1", "2", "3"):
        text = BASE if name == "1" else CHILD.replace('version: "2"', f'version: "{name}"')
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    read: list[str] = []
    from kaocheng.language import documents as module

    original = module.read_yaml
    monkeypatch.setattr(module, "read_yaml", lambda path: read.append(path.name) or original(path))
    documents = Documents(lambda _: None)
    for name in ("1", "2", "3"):
        documents.read(tmp_path / f"{name}.yaml", Diagnostics())

    assert ["1.yaml", "2.yaml", "3.yaml"] == read
