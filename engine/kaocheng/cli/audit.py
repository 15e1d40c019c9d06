"""`kaocheng audit`: whether what a database holds is what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import DatabaseArgument, Language, LanguageOption

if TYPE_CHECKING:
    from kaocheng.stores.audit import Audit

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "passed": "{tenant}: ok, events: {events}, head: {head}",
        "broken": "{tenant}: broken at position {position}{case}: {why}",
        "case": " ({})",
        "whole": "  whole before it: {events}, head: {head}",
        "none": "the database has no events",
    },
    "zh": {
        "passed": "{tenant}：完好，事件：{events}，末端校验码：{head}",
        "broken": "{tenant}：在第 {position} 号处断开{case}：{why}",
        "case": "（{}）",
        "whole": "  此前完好的事件：{events}，末端校验码：{head}",
        "none": "数据库中没有事件",
    },
}


def audit() -> typer.Typer:
    """The commands about what a database holds."""
    app = typer.Typer(
        help="Look after what a database holds.", rich_markup_mode=None, no_args_is_help=True
    )
    app.callback()(_group)
    app.command()(verify)
    return app


def _group() -> None:
    """Look after what a database holds."""


def verify(
    database: DatabaseArgument,
    *,
    tenant: Annotated[
        str | None, typer.Option(metavar="NAME", help="only the journal of this tenant")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="a head noted earlier, which must be in the chain"),
    ] = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Verify the hash chain of each tenant's journal. Exit 1 where one breaks."""
    from kaocheng.cli.loading import progress
    from kaocheng.cli.tenants import check_tenant, tenants_of
    from kaocheng.stores import audit as auditing
    from kaocheng.stores.opening import open_existing

    _check(head, tenant)
    store = open_existing(database, tenant=tenant or "default", is_read_only=True)
    texts = _TEXTS[lang.value]
    passed = True
    try:
        if tenant is not None:
            check_tenant(store)
        names = tenants_of(store) if tenant is None else (tenant,)
        for name in names:
            with progress(name) as on_progress:
                found = auditing.verify(store.of(name), seen=head, on_progress=on_progress)
            typer.echo(shown(found, lang.value))
            passed = passed and found.passed
        if not names:
            typer.echo(texts["none"])
    finally:
        store.close()
    raise typer.Exit(0 if passed else 1)


def shown(found: Audit, language: str) -> str:
    """What came of looking at a journal, for people."""
    from kaocheng.rendering.values import printable

    texts = _TEXTS[language]
    values = {"tenant": found.tenant, "events": found.events, "head": found.head}
    broken = found.broken
    if broken is None:
        return printable(texts["passed"].format(**values))
    case = "" if broken.case is None else texts["case"].format(broken.case)
    why = broken.why.zh if language == "zh" else broken.why.en
    line = texts["broken"].format(**values, position=broken.position, case=case, why=why)
    return printable(line) + "\n" + texts["whole"].format(**values)


def _check(head: str | None, tenant: str | None) -> None:
    """A head belongs to one journal."""
    from kaocheng.errors import InputError

    if head is not None and tenant is None:
        raise InputError(
            "--head", "it goes with `--tenant`: whose head it is", zh="须与 `--tenant` 同用"
        )
