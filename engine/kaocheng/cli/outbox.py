"""`kaocheng outbox`: which messages have not arrived, and sending them again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kaocheng.cli.options import DatabaseArgument, Formats, Language, LanguageOption, TenantOption

if TYPE_CHECKING:
    from kaocheng.stores.outbox import Failing, Outbox, Queue

_MESSAGE = re.compile(r"([1-9]\d{0,17})/([1-9]\d{0,8})", re.ASCII)
_WIDTH = 80
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "counts": "waiting: {waiting}, put off: {failed}, delivered: {delivered},"
        " given up: {given_up}",
        "put_off": "attempts: {attempts}, tried again from {again}",
        "given_up": "attempts: {attempts}, given up",
        "more": "… and {more} more; `--limit` shows them",
        "again": "to be delivered again: {count}",
    },
    "zh": {
        "counts": "待投递：{waiting}，其中推迟：{failed}，已投递：{delivered}，已放弃：{given_up}",
        "put_off": "已尝试 {attempts} 次，{again} 起再次投递",
        "given_up": "已尝试 {attempts} 次，已放弃",
        "more": "……另有 {more} 条，可用 `--limit` 查看",
        "again": "将再次投递：{count}",
    },
}


def outbox(
    database: DatabaseArgument,
    message: Annotated[
        str | None,
        typer.Argument(metavar="MESSAGE", help="only this one: POSITION/NUMBER, as in `3/1`"),
    ] = None,
    *,
    redeliver: Annotated[
        bool,
        typer.Option(
            "--redeliver",
            help="deliver again what is given up, or MESSAGE, even where it is delivered",
        ),
    ] = False,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="the most messages that are listed")
    ] = 100,
    form: Annotated[Formats, typer.Option("--format", help="text, or JSON")] = Formats.TEXT,
    tenant: TenantOption = "default",
    lang: LanguageOption = Language.EN,
) -> None:
    """List the messages that are put off or given up. Exit 1 where one is given up.

    With --redeliver, offer what is given up to its channels again.
    """
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.stores.opening import open_existing
    from kaocheng.stores.outbox import Outbox

    place = None if message is None else _place(message, redeliver=redeliver)
    store = open_existing(database, tenant=tenant, is_read_only=not redeliver)
    try:
        check_tenant(store)
        box = Outbox(store)
        if redeliver:
            count = _redeliver(box, place)
            said = _TEXTS[lang.value]["again"].format(count=count)
            typer.echo(_json({"redelivered": count}) if form is Formats.JSON else said)
            return
        queue, failing = box.queue(), box.failing(limit=limit)
    finally:
        store.close()
    if form is Formats.JSON:
        typer.echo(_json(_data(queue, failing)))
    else:
        typer.echo("\n".join(_lines(queue, failing, lang.value)))
    raise typer.Exit(1 if queue.given_up else 0)


def _place(message: str, *, redeliver: bool) -> tuple[int, int]:
    """The position and the number of a message."""
    from kaocheng.errors import InputError

    if not redeliver:
        raise InputError(
            "--redeliver",
            f"it is needed where a message is named, as `{message}` is",
            zh=f"指明消息（`{message}`）时须写此项",
        )
    found = _MESSAGE.fullmatch(message)
    if found is None:
        raise InputError(
            "--redeliver",
            f"`{message}` is no message; write its position and its number, as in `3/1`",
            zh=f"`{message}` 不是消息编号，应写作“位置/序号”，如 `3/1`",
        )
    return int(found[1]), int(found[2])


def _redeliver(box: Outbox, place: tuple[int, int] | None) -> int:
    from kaocheng.errors import InputError

    if place is None:
        return box.redeliver_given_up()
    if not box.redeliver(*place):
        name = "{}/{}".format(*place)
        raise InputError(
            "--redeliver",
            f"no message `{name}` is given up or delivered",
            zh=f"没有已放弃或已投递的消息 `{name}`",
        )
    return 1


def _lines(queue: Queue, failing: Sequence[Failing], language: str) -> Iterator[str]:
    from attrs import asdict

    from kaocheng.rendering.grid import broken
    from kaocheng.rendering.values import printable

    texts = _TEXTS[language]
    yield texts["counts"].format(**asdict(queue))
    for message in failing:
        head = f"{message.position}/{message.number}  "
        when = "given_up" if message.again is None else "put_off"
        parts = (
            f"{message.subject}  {_type(message) or '?'}",
            texts[when].format(attempts=message.attempts, again=_again(message)),
            message.error,
        )
        for part in parts:
            for line in broken(printable(part), _WIDTH - len(head)):
                yield f"{head}{line}".rstrip()
                head = " " * len(head)
    more = queue.failed + queue.given_up - len(failing)
    if more > 0:
        yield texts["more"].format(more=more)


def _data(queue: Queue, failing: Sequence[Failing]) -> Mapping[str, object]:
    messages = [
        {
            "position": message.position,
            "number": message.number,
            "case": message.subject,
            "type": _type(message),
            "attempts": message.attempts,
            "error": message.error,
            "again": _again(message),
        }
        for message in failing
    ]
    return {
        "waiting": queue.waiting,
        "put_off": queue.failed,
        "delivered": queue.delivered,
        "given_up": queue.given_up,
        "messages": messages,
    }


def _type(message: Failing) -> str | None:
    """The type of a message; one that is damaged, and given up for that, has none."""
    from kaocheng.delivery import read_message
    from kaocheng.errors import DeliveryError

    try:
        return read_message(message.text).type
    except DeliveryError:
        return None


def _again(message: Failing) -> str | None:
    from kaocheng.calendars.numberline import format_instant

    return None if message.again is None else format_instant(message.again)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
