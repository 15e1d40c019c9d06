"""`kaocheng replay`: whether every published bulletin can still be computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from kaocheng.cli.options import (
    DatabaseArgument,
    EarlierOption,
    Language,
    LanguageOption,
    RulesetArgument,
    TenantOption,
)

if TYPE_CHECKING:
    from kaocheng.engine.publishing import Replayed

SAME = ("same       {period}  {case}", "一致　{period}　{case}")
DIFFERS = ("different  {period}  {case}", "不一致　{period}　{case}")
PROBLEM = ("           {}", "　　　　{}")
OTHER = ("other text  {period}  {case}", "另一文本　{period}　{case}")
NOT_AT_HAND = (
    "           published under another text of the ruleset; give that by `--earlier`",
    "　　　　通报依据规则集的另一文本，请以 `--earlier` 指明该文本",
)
NONE = ("no bulletin has been published", "尚未发布通报")
SUMMARY = ("{same} the same, {different} different", "{same} 份一致，{different} 份不一致")
SUMMARY_OTHER = (", {other} under another text", "，{other} 份依据另一文本")


def replay(
    database: DatabaseArgument,
    ruleset: RulesetArgument,
    *,
    tenant: TenantOption = "default",
    earlier: EarlierOption = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Compute every published bulletin again and compare.

    Each is computed under the text of the ruleset under which it was published: RULESET is the
    present one, and `--earlier` gives those before it.

    Exit 1 when one is not what was published; the lines that differ are shown. What does not
    come out because its text is not at hand is named and counted apart.
    """
    from kaocheng import Engine, Host
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.stores.opening import open_existing

    place = lang is Language.ZH
    host = Host.discover()
    loaded, others = host.load(ruleset), [host.load(path) for path in earlier or ()]
    store = open_existing(database, tenant=tenant, is_read_only=True)
    try:
        check_tenant(store)
        found = Engine(loaded, store=store, earlier=others).replay()
    finally:
        store.close()
    if not found:
        typer.echo(NONE[place])
        return
    for replayed in found:
        for line in _lines(replayed, place=place):
            typer.echo(line)
    same, wrong = sum(one.same for one in found), sum(one.wrong for one in found)
    other = len(found) - same - wrong
    counted = SUMMARY_OTHER[place].format(other=other) if other else ""
    typer.echo(SUMMARY[place].format(same=same, different=wrong) + counted)
    raise typer.Exit(1 if wrong else 0)


def _lines(replayed: Replayed, *, place: bool) -> Iterator[str]:
    """What is said of one bulletin."""
    text = SAME if replayed.same else DIFFERS if replayed.wrong else OTHER
    yield text[place].format(period=replayed.period, case=replayed.case)
    if replayed.problem is not None:
        yield PROBLEM[place].format(replayed.problem.zh if place else replayed.problem.en)
    if replayed.same:
        return
    if replayed.other_text:
        yield NOT_AT_HAND[place]
        return
    for line in replayed.difference:
        yield f"           {line}"
