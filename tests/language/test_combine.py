"""Versions put together: one order, one shape for one name, and the hash of each version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng.host import Host
from kaocheng.language.check import check
from kaocheng.language.codec import canonical, encode
from kaocheng.language.types import Enum
from kaocheng_policies import plugin

Check = Callable[..., Any]
RULESETS = Path(__file__).parents[2] / "rulesets/kaocheng_rulesets"

VERSION = """
kaocheng: 1
ruleset: tried
version: "{name}"
effective: {{from: {begins}}}
kinds:
  report:
    fields: {{genre: {genre}, pages: int, at: {{at: submit}}, done: {{at: verify}}{more}}}
{rules}
"""
FIRST = {"name": "1", "begins": "open", "genre": "{one_of: [a, b]}", "more": "", "rules": ""}
SECOND = {**FIRST, "name": "2", "begins": "2020-01-01"}
CLOCK = "{{id: {}, clause: '1', for: report as r, starts: {}, within: 2 hours, met_at: r.done}}"


def versions(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Two versions that differ in some parts."""
    return {"1": VERSION.format(**FIRST | first), "2": VERSION.format(**SECOND | second)}


def test_rules_of_all_versions(check_versions: Check) -> None:
    """A rule of several versions is one rule with a text in each; others have it in theirs."""
    one = "findings:\n  - {id: a, clause: '1', for: report as r, when: r.pages > 1, finding: x}"
    two = one.replace("> 1", "> 2") + one.replace("findings:", "").replace("id: a", "id: b")
    rules = check_versions(versions({"rules": one}, {"rules": two})).ruleset.plan.rules

    assert {"a": [0, 1], "b": [1]} == {rule.id: sorted(rule.variants) for rule in rules}


def test_one_order_for_all_versions(check_versions: Check) -> None:
    """Rules stand after what they read in any version."""
    one = f"deadlines: [{CLOCK.format('a', 'r.at')}, {CLOCK.format('b', 'r.a.due')}]"
    two = f"deadlines: [{CLOCK.format('b', 'r.c.due')}, {CLOCK.format('c', 'r.at')}]"
    rules = check_versions(versions({"rules": one}, {"rules": two})).ruleset.plan.rules
    found = [rule.id for rule in rules]

    assert found.index("b") > found.index("a")
    assert found.index("b") > found.index("c")


@pytest.mark.parametrize(
    ("first", "second", "changed"),
    [
        ({"more": ", x: int"}, {"more": ", x: string"}, "`x`"),
        ({"more": ", x: int"}, {"more": ", y: string"}, None),
        ({"genre": "{one_of: [a]}"}, {"genre": "{one_of: [b, a]}"}, None),
        ({"genre": "{one_of: [a]}"}, {"genre": "{ordered: [a]}"}, "`genre`"),
        ({"genre": "{list: {one_of: [a]}}"}, {"genre": "{list: {one_of: [b]}}"}, None),
        ({"more": "}\n    dated: true\n    lists: {x: {event: y}"}, {}, "`dated`"),
    ],
)
def test_kinds_of_one_name(
    check_versions: Check, first: dict[str, str], second: dict[str, str], changed: str | None
) -> None:
    """A field has one type in all versions; fields and named values may come and go."""
    diagnostics = check_versions(versions(first, second)).diagnostics

    assert ([("shape-changes", changed)] if changed else []) == [
        (item.code.name, item.values["columns"]) for item in diagnostics
    ]


TALLY = "tallies: [{{id: t, clause: '1', for: report as r, per: [{}], {}}}]"


@pytest.mark.parametrize(
    ("first", "second", "columns"),
    [
        (("r.genre", "count: rows"), ("r.genre", "count: rows"), None),
        (("r.genre", "count: rows"), ("r.pages", "count: rows"), "`genre`, `pages`"),
        (("r.genre", "count: rows"), ("r.genre", "sum: 0.5"), "`value`"),
        (
            ("r.genre, r.pages", "count: rows"),
            ("r.pages, r.genre", "count: rows"),
            "`pages`, `genre`",
        ),
    ],
)
def test_rules_of_one_name(
    check_versions: Check, first: tuple[str, str], second: tuple[str, str], columns: str | None
) -> None:
    """A rule gives the same columns in all versions, its key in the same order."""
    rules = ({"rules": TALLY.format(*first)}, {"rules": TALLY.format(*second)})
    diagnostics = check_versions(versions(*rules)).diagnostics

    assert ([columns] if columns else []) == [item.values["columns"] for item in diagnostics]


def test_values_of_all_versions(check_versions: Check) -> None:
    """A column has the values of the latest version, then those that only earlier ones have."""
    text = versions({"genre": "{ordered: [a, c]}"}, {"genre": "{ordered: [b, a]}"})
    plan = check_versions(text).ruleset.plan

    assert (
        Enum("report.genre", ("b", "a", "c"), ordered=True)
        == plan.relations["report"].columns["genre"]
    )


# Hashes.

BASE = VERSION.format(
    **FIRST
    | {
        "rules": "parameters: {limit: {type: int, value: 3, clause: '1'}}\n"
        "findings:\n  - {id: a, clause: '1', for: report as r, when: r.pages > limit, finding: x}\n"
    }
)


def hashes(check_versions: Check, *texts: str) -> list[str]:
    """The hash of each version."""
    ruleset = check_versions({str(n): text for n, text in enumerate(texts, 1)}).ruleset
    return [version.hash for version in ruleset.versions]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("ruleset: tried", "# a comment\n\nruleset: tried   # another", True),
        (
            "{id: a, clause: '1', for: report as r,",
            "{id: a,\n     clause: '1',  for: report as r,",
            True,
        ),
        ("when: r.pages > limit", 'when: "r.pages>limit"', True),
        ("value: 3", "value: 4", False),
        ("value: 3", 'value: "3"', True),
        ("r.pages > limit", "r.pages >= limit", False),
        ("clause: '1', for", "clause: '2', for", False),
        ("finding: x", "finding: y", False),
        ("{one_of: [a, b]}", "{one_of: [a, b, c]}", False),
        ("ruleset: tried", "ruleset: tried\ntime_zone: Asia/Shanghai", False),
    ],
)
def test_what_a_hash_depends_on(check_versions: Check, old: str, new: str, *, same: bool) -> None:
    """A hash changes with what a version says, and not with how it is laid out."""
    assert old in BASE
    before, after = hashes(check_versions, BASE), hashes(check_versions, BASE.replace(old, new))

    assert same == (before == after)


def test_steps_do_not_depend_on_their_lines(check_versions: Check) -> None:
    """Steps of points keep the hash wherever they are written."""
    points = VERSION.format(
        **FIRST
        | {
            "rules": "accounts: [{id: m, of: report, clause: '1'}]\n"
            "points:\n  - {id: p, clause: '1', for: report as r, earn: r.pages, to: r, account: m,"
            " at: r.at, then: [{keep: {best: 1, per: r.genre}}]}\n"
        }
    )

    assert hashes(check_versions, points) == hashes(check_versions, "\n\n# below\n" + points)


def test_a_later_version_keeps_the_hash(check_versions: Check) -> None:
    """The hash of a version stays what it was when a later one ends it."""
    (alone,) = hashes(check_versions, BASE)
    first, second = hashes(check_versions, BASE, VERSION.format(**SECOND))

    assert alone == first != second


def test_a_version_hashes_what_it_extends(check_versions: Check) -> None:
    """A changed number in what a version extends changes its hash too."""
    child = (
        "kaocheng: 1\nruleset: tried\nversion: '2'\neffective: {from: 2020-01-01}\nextends: '1'\n"
    )
    before = hashes(check_versions, BASE, child)
    after = hashes(check_versions, BASE.replace("value: 3", "value: 4"), child)

    assert before[0] != after[0]
    assert before[1] != after[1]


def test_an_upgrade_changes_no_hash(check_versions: Check) -> None:
    """To every database another hash is another text, so what is hashed stays as it is."""
    assert ["076746f812e4e4921de715332d9e166970f4f5aa44982444d63ea29eafdd7c5e"] == hashes(
        check_versions, BASE
    )


@pytest.mark.parametrize("name", sorted(Host.discover().rulesets))
def test_the_canonical_text_is_json(name: str) -> None:
    """What is hashed is the encoded ruleset as JSON with sorted keys, without places in files."""
    sections, formats = plugin.kaocheng_sections(), ("csv", "xes")
    ruleset = check(
        RULESETS / name, sections=sections, formats=formats, installed=Host.discover().rulesets.get
    ).ruleset
    options: dict[str, Any] = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}

    assert ruleset is not None
    assert json.dumps(encode(ruleset, spans=False), **options) == canonical(ruleset)
