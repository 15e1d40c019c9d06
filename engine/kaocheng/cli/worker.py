"""`kaocheng worker`: does what is due in a database, and delivers messages."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import asdict

from kaocheng.cli.options import DatabaseArgument, Language, LanguageOption, TenantOption
from kaocheng.cli.stopping import stopping
from kaocheng.cli.usage import WRONG_USE

if TYPE_CHECKING:
    from threading import Event as Flag

    from kaocheng.delivery import Channel
    from kaocheng.engine import Engine
    from kaocheng.stores import SqlStore
    from kaocheng.stores.working import Batch, Worker

_LINE = {
    "en": "{time}  timers: {fired} done, {put_off} put off"
    "  messages: {delivered} delivered, {reached} in part, {failed} failed, {given_up} given up",
    "zh": "{time}  到期：已处理 {fired}，推迟 {put_off}"
    "  消息：已投递 {delivered}，部分投递 {reached}，失败 {failed}，放弃 {given_up}",
}

_WAITING = {
    "en": "due on cases that are kept under another text of `{ruleset}`: {timers}, cases: {cases},"
    " versions: {hashes}; migrate them, or run a worker of that text",
    "zh": "按 `{ruleset}` 另一文本保存的事项有到期未处理的定时：{timers}，事项：{cases}，"
    "版本校验码：{hashes}；请予迁移，或运行该文本的 worker",
}


def worker(
    database: DatabaseArgument,
    rulesets: Annotated[
        list[str],
        typer.Argument(metavar="RULESET...", help="shipped names, or paths", show_default=False),
    ],
    *,
    tenant: TenantOption = "default",
    source: Annotated[
        str | None,
        typer.Option(metavar="URI", help="the `source` of messages, as the application says it"),
    ] = None,
    deliver: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="where messages go, or `@FILE` with an address per line; several times",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="end when nothing is left to do")] = False,
    batch: Annotated[
        int, typer.Option(metavar="N", min=1, help="the most timers and messages at a time")
    ] = 100,
    interval: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="how often to look when idle")
    ] = 1.0,
    lang: LanguageOption = Language.EN,
) -> None:
    """Do what is due and deliver messages, until told to stop.

    With --once, exit 1 where a timer failed, or waits for a worker of another text of a ruleset.
    """
    shown = _Shown(lang.value)
    with stopping() as stop, _logging(readable=shown.is_terminal):
        from kaocheng.engine import Engine
        from kaocheng.host import Host

        host = Host.discover()
        channels = [host.channel(address) for address in addresses(deliver or ())]
        loaded = [host.load(name) for name in rulesets]
        store = _opened(database, tenant, stop, source=source, once=once)
        if store is None:
            return
        try:
            _look_for_tenant(store, lang)
            engines = [Engine(ruleset, store=store, clock=_now) for ruleset in loaded]
            work = _worker(engines, channels, batch=batch, lang=lang)
            work.run(stop, interval=interval, once=once, on_batch=shown)
            is_done = once and not stop.is_set()
            if is_done and (_says_what_waits(work, lang) or shown.failed):
                raise typer.Exit(1)
        finally:
            store.close()


class _Shown:
    """Shows batches where somebody looks, and counts the timers that failed."""

    def __init__(self, language: str) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.failed = 0
        self._language = language

    def __call__(self, done: Batch) -> None:
        self.failed += len(done.put_off)
        if self.is_terminal:
            typer.echo(line(done, self._language))


def _says_what_waits(work: Worker, lang: Language) -> bool:
    """Say what is due and waits for workers of another text; whether there is anything."""
    from kaocheng.rendering.values import printable

    waiting = work.waiting()
    for found in waiting:
        said = asdict(found) | {"hashes": ", ".join(found.hashes)}
        typer.echo(printable(_WAITING[lang.value].format(**said)), err=True)
    return bool(waiting)


def _opened(
    database: str, tenant: str, stop: Flag, *, source: str | None = None, once: bool
) -> SqlStore | None:
    """The store, once the database answers; nothing if the worker is told to stop before."""
    from kaocheng.errors import StoreError
    from kaocheng.noting import note
    from kaocheng.stores.opening import open_existing
    from kaocheng.stores.working import LONGEST_WAIT

    wait = 1.0
    while not stop.is_set():
        try:
            return open_existing(database, tenant=tenant, source=source)
        except StoreError as error:
            if once or not error.retry:
                raise
            note("worker.waiting", tenant=tenant, why=error.reason, seconds=wait)
            stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)
    return None


def _worker(
    engines: Sequence[Engine], channels: Sequence[Channel], *, batch: int, lang: Language
) -> Worker:
    """The worker; rulesets that have a kind in common are wrong use of the command."""
    from kaocheng.cli.messages import failure
    from kaocheng.errors import InputError
    from kaocheng.stores.working import Worker

    try:
        return Worker(engines, channels, clock=_now, batch=batch)
    except InputError as error:
        typer.echo(failure(error, language=lang.value), err=True)
        raise typer.Exit(WRONG_USE) from None


def _look_for_tenant(store: SqlStore, lang: Language) -> None:
    """Say where there is nothing of a tenant yet: its name may be misspelt."""
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.errors import InputError

    try:
        check_tenant(store)
    except InputError as error:
        typer.echo(f"--tenant: {error.zh if lang is Language.ZH else error.message}", err=True)


def addresses(given: Sequence[str]) -> Iterator[str]:
    """The addresses that were given, those in files included."""
    from kaocheng.errors import InputError

    for text in given:
        if not text.startswith("@"):
            yield text
            continue
        try:
            lines = Path(text[1:]).read_text("utf-8").splitlines()
        except (OSError, ValueError):
            raise InputError(
                "--deliver", f"`{text[1:]}` cannot be read", zh=f"无法读取 `{text[1:]}`"
            ) from None
        yield from (line.strip() for line in lines if line.strip() and line[0] != "#")


def line(done: Batch, language: str) -> str:
    """What a batch did, on one line."""
    said = done.messages
    return _LINE[language].format(
        time=datetime.now().astimezone().strftime("%H:%M:%S"),
        fired=done.fired,
        put_off=len(done.put_off),
        delivered=said.delivered,
        reached=said.reached,
        failed=said.failed + said.stale,
        given_up=said.given_up,
    )


def _now() -> int:
    return time.time_ns() // 1000


@contextmanager
def _logging(*, readable: bool) -> Iterator[None]:
    """The worker's log: lines of JSON on standard output, on a terminal only what went wrong."""
    import logging

    import structlog

    least = logging.WARNING if readable else logging.INFO
    processors: list[Any] = [structlog.processors.add_log_level]
    if readable:
        processors.append(_readable)
    else:
        processors.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
        processors.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )
    try:
        yield
    finally:
        structlog.reset_defaults()


def _readable(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    facts: Mapping[str, Any] = event
    shown = [
        f"{key}={facts[key]}" for key in facts if key not in ("again", "event", "level", "tenant")
    ]
    return f"          {facts['event']}  {' '.join(shown)}"
