"""`kaocheng audit`: whether what a database holds is what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import DatabaseArgument, Language, LanguageOption

if TYPE_CHECKING:
    from kaocheng.stores import SqlStore
    from kaocheng.stores.audit import Audit
    from kaocheng.stores.comparing import Comparison

    Look = Callable[[SqlStore, str], bool]

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "passed": "{tenant}: ok, events: {events}, head: {head}",
        "broken": "{tenant}: broken at position {position}{case}: {why}",
        "case": " ({})",
        "whole": "  whole before it: {events}, head: {head}",
        "none": "the database has no events",
        "agree": "{tenant}: as the journal says, cases: {cases}",
        "differ": "{tenant}: not as the journal says, differences: {count}, cases: {cases}",
        "many": "{tenant}: not as the journal says, differences: more than {count};"
        " no others were looked for",
        "why": ": {}",
        "other_text": "  kept under another text of the ruleset: {count}, as {first};"
        " plan a migration",
        "older": "  kept before the newest version was added: {count}, as {first};"
        " a migration takes them over",
        "other_kinds": "  of kinds that the ruleset does not have: {count}",
        "cases": "case",
        "timers": "timer",
        "links": "link",
        "outbox": "message",
        "bulletins": "bulletin",
        "receipts": "receipt",
    },
    "zh": {
        "passed": "{tenant}：完好，事件：{events}，末端校验码：{head}",
        "broken": "{tenant}：在第 {position} 号处断开{case}：{why}",
        "case": "（{}）",
        "whole": "  此前完好的事件：{events}，末端校验码：{head}",
        "none": "数据库中没有事件",
        "agree": "{tenant}：与台账一致，事项：{cases}",
        "differ": "{tenant}：与台账不一致，不符之处：{count}，事项：{cases}",
        "many": "{tenant}：与台账不一致，不符之处超过 {count} 处，未再继续核对",
        "why": "：{}",
        "other_text": "  按规则集另一文本保存的事项：{count}，如 {first}；请制定迁移方案",
        "older": "  增订最新版本之前保存的事项：{count}，如 {first}；可经迁移转入",
        "other_kinds": "  该规则集没有其类别的事项：{count}",
        "cases": "事项",
        "timers": "定时",
        "links": "关联",
        "outbox": "消息",
        "bulletins": "通报",
        "receipts": "办理结果",
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
        str | None, typer.Option(metavar="NAME", help="only what is kept of this tenant")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="a head noted earlier, which must be in the chain"),
    ] = None,
    ruleset: Annotated[
        str | None,
        typer.Option(metavar="RULESET", help="compare cases, timers and all else that it gives"),
    ] = None,
    lang: LanguageOption = Language.EN,
) -> None:
    """Verify the hash chain of each tenant's journal, and with a ruleset what is kept beside it.

    Exit 1 where a chain breaks, or something is kept that is not what the journal says.
    """
    from kaocheng.cli.tenants import check_tenant, tenants_of
    from kaocheng.stores.opening import open_existing

    _check(head, tenant)
    looks = [_chain(head)] if ruleset is None else [_chain(head), _comparison(ruleset)]
    store = open_existing(database, tenant=tenant or "default", is_read_only=True)
    passed = True
    try:
        if tenant is not None:
            check_tenant(store)
        names = tenants_of(store) if tenant is None else (tenant,)
        for name in names:
            # What is kept is laid beside a journal only where that is whole.
            passed = all(look(store.of(name), lang.value) for look in looks) and passed
        if not names:
            typer.echo(_TEXTS[lang.value]["none"])
    finally:
        store.close()
    raise typer.Exit(0 if passed else 1)


def _chain(head: str | None) -> Look:
    """Looks at the journal itself."""
    from kaocheng.cli.loading import progress
    from kaocheng.stores.audit import verify as verify_chain

    def look(store: SqlStore, language: str) -> bool:
        with progress(store.tenant) as on_progress:
            found = verify_chain(store, seen=head, on_progress=on_progress)
        typer.echo(shown(found, language))
        return found.passed

    return look


def _comparison(name: str) -> Look:
    """Looks at all that is kept beside the journal."""
    import time

    from kaocheng.cli.loading import progress
    from kaocheng.evaluate.python import compile_plan
    from kaocheng.host import Host
    from kaocheng.stores.comparing import compare

    ruleset = Host.discover().load(name)
    program = compile_plan(ruleset.plan)

    def look(store: SqlStore, language: str) -> bool:
        now = time.time_ns() // 1000
        with progress(store.tenant) as on_progress:
            found = compare(store, ruleset, program=program, now=now, on_progress=on_progress)
        typer.echo("\n".join(compared(found, language)))
        return found.passed

    return look


def compared(found: Comparison, language: str) -> Iterator[str]:
    """What came of comparing what is kept with the journal, for people."""
    from kaocheng.rendering.values import printable

    texts = _TEXTS[language]
    count = len(found.differences)
    values = {"tenant": found.tenant, "cases": found.cases, "count": count}
    which = "differ" if count else "agree"
    yield printable(texts[which if found.complete else "many"].format(**values))
    for difference in found.differences:
        why = difference.why.zh if language == "zh" else difference.why.en
        yield printable(
            f"  {texts[difference.table]} {difference.case}".rstrip() + texts["why"].format(why)
        )
    if found.other_text:
        first = found.first_of_other_text
        yield printable(texts["other_text"].format(count=found.other_text, first=first))
    if found.older:
        yield printable(texts["older"].format(count=found.older, first=found.first_older))
    if found.other_kinds:
        yield texts["other_kinds"].format(count=found.other_kinds)


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
