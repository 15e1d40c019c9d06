"""`kaocheng replay`: whether every published bulletin can still be computed."""

from __future__ import annotations

import typer

from kaocheng.cli.options import (
    DatabaseArgument,
    Language,
    LanguageOption,
    RulesetArgument,
    TenantOption,
)

SAME = ("same       {period}  {case}", "一致　{period}　{case}")
DIFFERS = ("different  {period}  {case}", "不一致　{period}　{case}")
PROBLEM = ("           {}", "　　　　{}")
CHANGED = (
    "           the ruleset is not the one under which it was published",
    "　　　　规则集与通报时所用的不同",
)
NONE = ("no bulletin has been published", "尚未发布通报")
SUMMARY = ("{same} the same, {different} different", "{same} 份一致，{different} 份不一致")


def replay(
    database: DatabaseArgument,
    ruleset: RulesetArgument,
    *,
    tenant: TenantOption = "default",
    lang: LanguageOption = Language.EN,
) -> None:
    """Compute every published bulletin again and compare.

    Exit 1 when one is not what was published; the lines that differ are shown.
    """
    from kaocheng import Engine, Host
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.stores.opening import open_existing

    place = lang is Language.ZH
    loaded = Host.discover().load(ruleset)
    store = open_existing(database, tenant=tenant, is_read_only=True)
    try:
        check_tenant(store)
        found = Engine(loaded, store=store).replay()
    finally:
        store.close()
    if not found:
        typer.echo(NONE[place])
        return
    for replayed in found:
        text = (SAME if replayed.same else DIFFERS)[place]
        typer.echo(text.format(period=replayed.period, case=replayed.case))
        if replayed.problem is not None:
            typer.echo(
                (PROBLEM[place]).format(replayed.problem.zh if place else replayed.problem.en)
            )
        if replayed.versions_changed:
            typer.echo(CHANGED[place])
        for line in replayed.difference:
            typer.echo(f"           {line}")
    same = sum(replayed.same for replayed in found)
    typer.echo(SUMMARY[place].format(same=same, different=len(found) - same))
    raise typer.Exit(0 if same == len(found) else 1)
