"""How long it takes to check a ruleset of a thousand rules, to load it saved, and a shipped one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from measuring import Row, Task, interleaved, medians

from kaocheng.host import Host
from kaocheng.language.check import check
from kaocheng.language.ruleset import Ruleset
from kaocheng.language.saving import load, save
from kaocheng_policies import plugin

RULES = 1_000
SHIPPED = "wuhu-information"

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
        folder = Path(name)
        version = folder / "thousand/versions/1.yaml"
        version.parent.mkdir(parents=True)
        version.write_text(text(), "utf-8")
        saved = folder / "saved.kaocheng.json"
        save(checked(version.parents[1]), saved)
        shipped = Host.discover().find(SHIPPED)
        thousand = version.parents[1]
        tasks = {
            f"check {RULES:,} rules": Task(lambda: [thousand], checked),
            f"load {RULES:,} rules, saved": Task(lambda: [saved], load),
            f"check {SHIPPED}": Task(lambda: [shipped], checked),
        }
        figures = interleaved(tasks, rounds=5)
        size = version.stat().st_size / 1_000
    slowest = f"check {RULES:,} rules"
    in_seconds = {name: [value / 1e6 for value in values] for name, values in figures.items()}
    return [
        ("the ruleset of a thousand rules", size, "kB", ""),
        (slowest, min(in_seconds.pop(slowest)), "s", "<= 1"),
        *medians(in_seconds, "s"),
    ]


def checked(folder: Path) -> Ruleset:
    """A ruleset, checked from its files."""
    found = check(folder, sections=plugin.kaocheng_sections())
    if found.ruleset is None:
        raise AssertionError("\n".join(f"{d.span}: {d.message()}" for d in found.errors))
    return found.ruleset
