"""`kaocheng export`: what a database holds, in a form that others read."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import DatabaseArgument, Language, LanguageOption, TenantOption

if TYPE_CHECKING:
    from kaocheng.stores.exporting import Reading


class Exports(enum.StrEnum):
    """The forms in which cases leave a database."""

    JOURNAL = "journal"
    OCEL = "ocel"
    XES = "xes"


def export(
    database: DatabaseArgument,
    *,
    form: Annotated[
        Exports, typer.Option("--format", help="JSON Lines, OCEL 2.0 in JSON, or XES 1.0")
    ] = Exports.JOURNAL,
    ruleset: Annotated[
        str | None,
        typer.Option(metavar="RULESET", help="says of what type facts are; needed for ocel"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="write it here")
    ] = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = Language.EN,
) -> None:
    """Export a journal, or cases and events for process mining."""
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.errors import InputError
    from kaocheng.output import write_pieces
    from kaocheng.stores.exporting import reading
    from kaocheng.stores.opening import open_existing

    if form is Exports.OCEL and ruleset is None:
        raise InputError(
            "--ruleset", "it is needed for `--format ocel`", zh="`--format ocel` 须指明规则集"
        )
    store = open_existing(database, tenant=tenant, is_read_only=True)
    try:
        check_tenant(store)
        with reading(store) as state:
            pieces = _pieces(state, form, ruleset)
            if output is None:
                sys.stdout.writelines(pieces)
            else:
                write_pieces(output, pieces)
                typer.echo(f"已写入：{output}" if lang is Language.ZH else f"written: {output}")
    finally:
        store.close()


def _pieces(state: Reading, form: Exports, ruleset: str | None) -> Iterator[str]:
    if form is Exports.JOURNAL:
        return (f"{line}\n" for line in state.lines())
    if form is Exports.XES:
        from kaocheng.rendering.xes import xes_pieces

        return xes_pieces(state.events())
    from kaocheng.host import Host
    from kaocheng.rendering.ocel import ocel_pieces

    return ocel_pieces(Host.discover().load(ruleset or ""), state.events(), state.cases())
