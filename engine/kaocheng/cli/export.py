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
    from kaocheng.errors import MissingEventError
    from kaocheng.model.events import Unreadable
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
    """Export a journal, or cases and events for process mining.

    A line of the journal that cannot be read is written as it is and named, and so is the first
    event that is missing: exit 1.
    """
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.errors import InputError
    from kaocheng.output import write_pieces
    from kaocheng.stores.exporting import reading
    from kaocheng.stores.opening import open_existing

    if form is Exports.OCEL and ruleset is None:
        raise InputError(
            "--ruleset", "it is needed for `--format ocel`", zh="`--format ocel` 须指明规则集"
        )
    unreadable: list[Unreadable] = []
    store = open_existing(database, tenant=tenant, is_read_only=True)
    try:
        check_tenant(store)
        with reading(store) as state:
            if form is Exports.JOURNAL:
                name = "journal" if output is None else str(output)
                pieces = _lines(state, name, unreadable)
            else:
                pieces = _pieces(state, form, ruleset)
            if output is None:
                sys.stdout.writelines(pieces)
            else:
                write_pieces(output, pieces)
                typer.echo(f"已写入：{output}" if lang is Language.ZH else f"written: {output}")
            missing = _missing(state)
    finally:
        store.close()
    if unreadable:
        from kaocheng.rendering.table import plain_console, print_places

        print_places("unreadable", unreadable, lang.value, plain_console(stderr=True))
    if missing is not None:
        raise missing
    if unreadable:
        raise typer.Exit(1)


def _missing(state: Reading) -> MissingEventError | None:
    """The first event that is missing, for whoever has written what is there."""
    from kaocheng.errors import MissingEventError

    try:
        state.check_complete()
    except MissingEventError as error:
        return error
    return None


def _pieces(state: Reading, form: Exports, ruleset: str | None) -> Iterator[str]:
    """What is written of events and cases, piece by piece."""
    if form is Exports.XES:
        from kaocheng.rendering.xes import xes_pieces

        return xes_pieces(state.events())
    from kaocheng.host import Host
    from kaocheng.rendering.ocel import ocel_pieces

    return ocel_pieces(Host.discover().load(ruleset or ""), state.events(), state.cases())


def _lines(state: Reading, name: str, unreadable: list[Unreadable]) -> Iterator[str]:
    """The lines of the journal as they are kept, for whoever looks into what happened to them."""
    from kaocheng.errors import JournalError
    from kaocheng.model.events import Unreadable
    from kaocheng.stores.codec import event_of

    for number, line in enumerate(state.lines(), start=1):
        try:
            event_of(line)
        except JournalError as error:
            unreadable.append(Unreadable(place=f"{name}:{number}", en=error.why, zh=error.why_zh))
        yield f"{line}\n"
