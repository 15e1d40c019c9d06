"""How long it takes to load a ruleset of a thousand rules: from YAML, and saved after checking.

From YAML everything is done that makes a ruleset usable: reading, checking every expression,
the plan, and the hash. It is processor time; the garbage collector is on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import Row, alternating, bounded, shown

from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.saving import load, save
from kaocheng_policies import plugin

RULES = 1_000
ROUNDS = 9

HEAD = """\
kaocheng: 1
ruleset: thousand
version: "1"
title: {zh: 测量用规则, en: rules to be measured}
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  unit:
    dated: true
    fields:
      name: string
      class: {one_of: [city_office, county, city_police, other]}
    spells:
      membership: {opens: admit, closes: drop}
    members: membership
  report:
    fields:
      headline: string
      genre: {one_of: [dynamic, problem, research, composite]}
      unit: unit
      submitted_at: {at: submit}
      verified_at: {at: verify}
      pages: int
    lists:
      adoptions:
        event: adopt
        fields:
          outlet: {one_of: [daily_express, special_report]}
          level: {ordered: [city, province, central]}
    lifecycle:
      initial: draft
      states: [draft, submitted, verified, adopted]
      final: [adopted]
      submit: {from: draft, to: submitted}
      verify: {from: submitted, to: verified}
      adopt: {from: [verified, adopted], to: adopted, repeats: true}
tables:
  weight: {by: [outlet], rows: {daily_express: 2, special_report: 5}, clause: article 1}
accounts:
  - {id: merit, of: unit, clause: article 1}
"""
DEADLINE = """\
  - id: deadline_{n:04d}
    title: {{zh: 第 {n} 项时限, en: deadline number {n} of this ruleset}}
    clause: 第{n}条，“自报送之日起按期核实，逾期未核实的按迟报处理”
    for: report as r
    when: >-
      r.genre == 'problem' && r.pages > {n} || r.headline.startsWith('{n}')
      && r.unit.class in ['county', 'other']
    owed_by: r.unit
    starts: r.submitted_at
    within: {hours} hours
    met_at: r.verified_at
    raise: {{finding: late}}
"""
TALLY = """\
  - id: tally_{n:04d}
    title: {{zh: 第 {n} 项统计, en: tally number {n} of this ruleset}}
    clause: 第{n}条，“每年统计各单位迟报件数并予以通报”
    for: deadline_{n:04d} as d
    when: d.status == 'late' && d.late_by > duration('{hours}h')
    per: [d.owed_by, year]
    at: d.due
    count: rows
    zero_rows: roll
"""
POINTS = """\
  - id: points_{n:04d}
    title: {{zh: 第 {n} 项记分, en: points number {n} of this ruleset}}
    clause: 第{n}条，“采用一篇按刊物分值记分，同一篇取最高分”
    for: report.adoptions as a
    when: a.level >= 'province' && a.case.genre == 'research' && a.case.pages >= {n}
    earn: "weight(a.outlet) + (a.level == 'central' ? {n} : 1)"
    to: a.case.unit
    account: merit
    at: a.at
  - id: short_{n:04d}
    title: {{zh: 第 {n} 项扣分, en: deduction number {n} of this ruleset}}
    clause: 第{n}条，“每迟报一件扣一分，全年累计最多扣二十分”
    for: unit per year as u
    when: u.tally_{n:04d} > {hours} && u.class != 'city_office'
    earn: "u.tally_{n:04d} > 20 ? -20 : -u.tally_{n:04d}"
    account: merit
    at: u.period.last_day
"""


def text(rules: int = RULES) -> str:
    """A ruleset of so many rules: deadlines, tallies that count them, and points of two sorts."""
    numbers = [{"n": n, "hours": n % 30 + 1} for n in range(rules // 4)]

    def lines() -> Iterator[str]:
        yield HEAD
        for section, template in (("deadlines", DEADLINE), ("tallies", TALLY), ("points", POINTS)):
            yield f"{section}:\n"
            yield from (template.format(**number) for number in numbers)

    return "".join(lines())


def main() -> list[Row]:
    """The rows of this benchmark."""
    with tempfile.TemporaryDirectory() as name:
        version = Path(name, "thousand/versions/1.yaml")
        version.parent.mkdir(parents=True)
        version.write_text(text(), "utf-8")
        folder, saved = version.parents[1], Path(name, "saved.kaocheng.json")
        save(checked(folder), saved)
        tasks = {"check": lambda: checked(folder), "load": lambda: load(saved)}
        figures = alternating(tasks, rounds=ROUNDS)
    rows = {"check": f"{RULES:,} rules from YAML", "load": f"{RULES:,} rules, saved after checking"}
    return [bounded(what, figures[t], shown(figures[t]), "<= 1 s") for t, what in rows.items()]


def checked(folder: Path) -> Ruleset:
    """A ruleset, checked from its files."""
    found = check(folder, sections=plugin.kaocheng_sections())
    if found.ruleset is None:
        raise AssertionError("\n".join(f"{d.span}: {d.message()}" for d in found.errors))
    return found.ruleset
