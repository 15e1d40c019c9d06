"""Rules in the order of what they read; circles; names that other things have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng.language._drafts import circle

Check = Callable[..., Any]

KINDS = """
kinds:
  unit:
    fields: {name: string, class: {one_of: [county, other]}}
    spells: {membership: {opens: admit, closes: drop}}
    members: membership
  report:
    fields: {unit: unit, pages: int, due: date, at: {at: submit}, done: {at: verify}}
    lists: {adoptions: {event: adopt, fields: {points: int}}}
"""
CLOCK = "{{id: {}, clause: '1', for: report as r, starts: {}, within: 2 hours, met_at: r.done}}"


def clocks(*rules: tuple[str, str]) -> str:
    """Deadlines, each with its id and where it starts."""
    lines = "".join(f"  - {CLOCK.format(*rule)}\n" for rule in rules)
    return f"{KINDS}deadlines:\n{lines}"


def order(check_text: Check, text: str) -> list[str]:
    """The relations that rules give, in the order of the plan."""
    return [rule.id for rule in check_text(text).ruleset.plan.rules]


def test_rules_stand_in_the_order_of_what_they_read(check_text: Check) -> None:
    """A rule comes after every rule that it reads, wherever it is written."""
    text = clocks(("third", "r.second.due"), ("second", "r.first.due"), ("first", "r.at"))

    assert ["first", "second", "third"] == order(check_text, text)


def test_rules_that_run_over_rules(check_text: Check) -> None:
    """A rule comes after what it runs over, and after all that give rows to a collection."""
    text = clocks(("notice", "r.at")).replace(
        "met_at: r.done}", "met_at: r.done, raise: {finding: late}}"
    )
    text += """
findings:
  - {id: again, clause: '1', for: notice as n, when: n.status == 'late', finding: again}
tallies:
  - {id: all_findings, clause: '1', for: findings as f, per: [f.finding], count: rows}
  - {id: lates, clause: '1', for: notice.late as f, count: rows}
"""

    found = order(check_text, text)

    assert found.index("all_findings") > found.index("again") > found.index("notice")
    assert found.index("lates") > found.index("notice.late") > found.index("notice")


def test_words_in_titles_are_no_readings(check_text: Check) -> None:
    """Names in titles, clauses and assumptions do not make a rule read others."""
    text = clocks(("first", "r.at"), ("second", "r.first.due")).replace(
        "id: first, clause: '1'",
        "id: first, clause: 'see a.second', assumed: {x: as in b.second}, "
        "title: {zh: c.second, en: d.second}",
    )

    assert ["first", "second"] == order(check_text, text)


def test_texts_in_quotes_are_no_readings(check_text: Check) -> None:
    """Names in quoted texts do not make a rule read others."""
    text = (
        KINDS
        + """
findings:
  - {id: first, clause: '1', for: report as r, when: "r.unit.name == 'a.second'", finding: x}
  - {id: second, clause: '1', for: first as f, when: f.rule == 'first', finding: y}
"""
    )

    assert ["first", "second"] == order(check_text, text)


def test_a_circle_of_names_alone(check_text: Check) -> None:
    """Two rules that only seem to read each other, by the names of columns, are no circle."""
    text = (
        KINDS.replace("due: date", "due: date, first: int")
        + """
findings:
  - {id: points, clause: '1', for: report as r, when: r.first > 1, finding: x}
  - {id: first, clause: '1', for: report.adoptions as a, when: a.points > 3, finding: y}
"""
    )

    assert ["first", "points"] == sorted(order(check_text, text))


@pytest.mark.parametrize(
    ("rules", "members"),
    [
        ((("a", "r.b.due"), ("b", "r.a.due")), "`a` → `b` → `a`"),
        ((("a", "r.b.due"), ("b", "r.c.due"), ("c", "r.a.due")), "`a` → `b` → `c` → `a`"),
        ((("z", "r.b.due"), ("b", "r.c.due"), ("c", "r.b.due")), "`b` → `c` → `b`"),
    ],
)
def test_circles(check_text: Check, rules: tuple[tuple[str, str], ...], members: str) -> None:
    """Rules that read each other in a circle are reported together, with each one's place."""
    (item,) = check_text(clocks(*rules)).diagnostics

    assert ("cycle", members) == (item.code.name, item.values["members"])
    assert members.count("→") - 1 == len(item.labels)


def test_a_rule_that_reads_itself(check_text: Check) -> None:
    """A rule that reads its own rows is told so, at the place where it does."""
    (item,) = check_text(clocks(("first", "r.first.due"))).diagnostics

    assert ("self-reading", "first") == (item.code.name, item.values["id"])
    assert item.span.end_column - item.span.column == len("first")


def test_a_deep_chain(check_text: Check) -> None:
    """Hundreds of rules may read one another in a chain."""
    count = 150
    chain = [(f"r{n:03d}", f"r.r{n - 1:03d}.due" if n else "r.at") for n in range(count)]
    found = order(check_text, clocks(*reversed(chain)))

    assert [name for name, _ in chain] == found


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1
    )
)
def test_circles_are_circles(waiting: dict[str, set[str]]) -> None:
    """What is reported as a circle is one: each waits for the next, the last for the first."""
    closed = {name: {n for n in needs if n in waiting} or {name} for name, needs in waiting.items()}
    found = circle(closed)

    assert len(found) == len(set(found)) > 0
    for name, following in zip(found, (*found[1:], found[0]), strict=True):
        assert following in closed[name]


def test_every_mistake_is_reported_at_once(check_text: Check) -> None:
    """Rules are checked although others are wrong."""
    text = (
        KINDS
        + """
findings:
  - {id: a, clause: '1', for: report as r, when: r.page > 1, finding: x}
  - {id: b, clause: '1', for: reports as r, when: r.pages > 1, finding: x}
  - {id: c, clause: '1', for: report as r, when: r.pages, finding: x}
tallies:
  - {id: d, clause: '1', for: report as r, per: [r.units], count: rows}
"""
    )

    assert ["unknown-field", "unknown-relation", "condition", "unknown-field"] == check_text(
        text
    ).names


@pytest.mark.parametrize("name", ["findings", "entries", "actor", "report", "unit"])
def test_rules_called_like_something_else(check_text: Check, name: str) -> None:
    """A rule cannot be called like a kind, a collection, or whoever acts."""
    text = f"{KINDS}tallies: [{{id: {name}, clause: '1', for: report as r, count: rows}}]"

    assert ["name-taken"] == check_text(text).names


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("{id: pages, clause: '1', for: report as r, count: rows}", []),
        ("{id: class, clause: '1', for: report as r, per: [r.unit], count: rows}", ["name-taken"]),
        ("{id: class, clause: '1', for: report as r, per: [r.pages], count: rows}", []),
        (
            "{id: name, clause: '1', for: report as r, per: [r.unit, year], at: r.at, count: rows}",
            ["name-taken"],
        ),
    ],
)
def test_readings_called_like_a_column(check_text: Check, rule: str, names: list[str]) -> None:
    """A rule's name must be free on the rows that others read it from, and there only."""
    assert names == check_text(f"{KINDS}tallies: [{rule}]").names


def test_two_rules_of_one_name(check_text: Check) -> None:
    """An id belongs to one rule of the whole ruleset, whatever its section."""
    text = (
        clocks(("first", "r.at"))
        + "tallies: [{id: first, clause: '1', for: report as r, count: rows}]"
    )

    assert ["duplicate-id"] == check_text(text).names


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("reports as r", (18, 25)),
        ("report.adoption as r", (18, 33)),
        ("unit per fortnight as r", (27, 36)),
        ("report per year as r", (18, 33)),
        ("report as row", (28, 31)),
        ("report", (18, 24)),
    ],
)
def test_where_a_for_is_wrong(check_text: Check, written: str, place: tuple[int, int]) -> None:
    """What a rule runs over is reported at the very word that is wrong."""
    text = f"{KINDS}findings:\n  - {{id: a, for: {written}, clause: '1', when: r.x, finding: x}}"
    item = check_text(text).diagnostics[0]

    assert place == (item.span.column, item.span.end_column)


def test_rules_keep_their_texts(check_text: Check) -> None:
    """Titles, clauses, sources and assumptions of a rule are kept for people."""
    rule = check_text(
        KINDS
        + """
cite: law.txt
findings:
  - id: long
    title: {zh: 过长, en: too long}
    clause: "3"
    assumed: {pages: {zh: 原文未定, en: not given}, when: taken so}
    for: report as r
    when: r.pages > 9
    finding: long
"""
    ).version.rules["long"]

    assert ("3", "law.txt", "findings") == (rule.clause, rule.cite, rule.section)
    assert {"zh": "过长", "en": "too long"} == rule.titles
    assert [
        ("pages", {"zh": "原文未定", "en": "not given"}),
        ("when", {"zh": "taken so", "en": "taken so"}),
    ] == [(a.subject, a.reasons) for a in rule.assumed]
