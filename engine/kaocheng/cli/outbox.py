"""`kaocheng outbox`: which messages have not arrived, and sending them again."""

from __future__ import annotations

import json
import re
import time
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
        "claimed": "claimed until {again}, clock ahead: `--redeliver {place}`",
        "more": "… and {more} more; `--limit` shows them",
        "again": "to be delivered again: {count}",
        "gone": "no longer waiting for `{channel}`: {count}",
    },
    "zh": {
        "counts": "待投递：{waiting}，其中推迟：{failed}，已投递：{delivered}，已放弃：{given_up}",
        "put_off": "已尝试 {attempts} 次，{again} 起再次投递",
        "given_up": "已尝试 {attempts} 次，已放弃",
        "claimed": "因时钟超前被领取至 {again}，可用 `--redeliver {place}` 重新投递",
        "more": "……另有 {more} 条，可用 `--limit` 查看",
        "again": "将再次投递：{count}",
        "gone": "不再等待渠道 `{channel}`：{count}",
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
            help="deliver again what is given up, or MESSAGE, even where it is delivered or waits",
        ),
    ] = False,
    give_up: Annotated[
        str | None,
        typer.Option(
            "--give-up",
            metavar="CHANNEL",
            help="have nothing wait for this channel any more: it is gone for good",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="the most messages that are listed")
    ] = 100,
    form: Annotated[Formats, typer.Option("--format", help="text, or JSON")] = Formats.TEXT,
    tenant: TenantOption = "default",
    lang: LanguageOption = Language.EN,
) -> None:
    """List the messages that are put off, given up, or stranded. Exit 1 where one is given up.

    With --redeliver, offer what is given up to its channels again. With --give-up, what waits
    for a channel is given up there by the next batch.
    """
    from kaocheng.cli.tenants import check_tenant
    from kaocheng.stores.opening import open_existing
    from kaocheng.stores.outbox import Outbox

    _check_one(give_up, redeliver=redeliver)
    place = None if message is None else _place(message, redeliver=redeliver)
    is_read_only = not redeliver and give_up is None
    store = open_existing(database, tenant=tenant, is_read_only=is_read_only)
    try:
        check_tenant(store)
        box = Outbox(store)
        if not is_read_only:
            _change(box, place, give_up, form=form, language=lang.value)
            return
        queue, failing = box.queue(), box.failing(limit=limit, now=time.time_ns() // 1000)
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


def _change(
    box: Outbox, place: tuple[int, int] | None, give_up: str | None, *, form: Formats, language: str
) -> None:
    """Have nothing wait for a channel, or else offer messages again; says how many they were."""
    from kaocheng.rendering.values import printable

    if give_up is None:
        what, said, count = "redelivered", "again", _redeliver(box, place)
    else:
        what, said, count = "given_up", "gone", _give_up(box, give_up)
    text = _TEXTS[language][said].format(channel=printable(give_up or ""), count=count)
    typer.echo(_json({what: count}) if form is Formats.JSON else text)


def _redeliver(box: Outbox, place: tuple[int, int] | None) -> int:
    from kaocheng.errors import InputError

    if place is None:
        return box.redeliver_given_up()
    if not box.redeliver(*place):
        name = "{}/{}".format(*place)
        raise InputError(
            "--redeliver",
            f"there is no message `{name}`, or nobody has taken it in yet",
            zh=f"没有消息 `{name}`，或该消息尚未进入投递",
        )
    return 1


def _check_one(give_up: str | None, *, redeliver: bool) -> None:
    """Refuse the two options that change something, where both are there."""
    from kaocheng.errors import InputError

    if redeliver and give_up is not None:
        raise InputError(
            "--give-up",
            "it cannot stand beside `--redeliver`; do one after the other",
            zh="不能与 `--redeliver` 同用，请先后执行",
        )


def _give_up(box: Outbox, channel: str) -> int:
    """Have nothing wait for a channel; one for which nothing waits is a mistake."""
    from kaocheng.errors import InputError
    from kaocheng.journal.texts import did_you_mean, names, shown

    owed, seen = box.owed(), shown(channel)
    if not owed:
        raise InputError(
            "--give-up",
            f"nothing waits for `{seen}`, nor for any other channel after a failure",
            zh=f"没有消息在等待 `{seen}`，也没有消息因投递失败而等待其他渠道",
        )
    if channel not in owed:
        hint, known = did_you_mean(channel, owed), names(owed)
        raise InputError(
            "--give-up",
            f"nothing waits for `{seen}`{hint.en}; messages wait for {known.en}",
            zh=f"没有消息在等待 `{seen}`{hint.zh}；有消息等待的渠道：{known.zh}",
        )
    return box.give_up_on(channel)


def _lines(queue: Queue, failing: Sequence[Failing], language: str) -> Iterator[str]:
    from attrs import asdict

    from kaocheng.rendering.grid import broken
    from kaocheng.rendering.values import printable

    texts = _TEXTS[language]
    yield texts["counts"].format(**asdict(queue))
    for message in failing:
        head = f"{message.position}/{message.number}  "
        place, again = head.strip(), _again(message)
        when = texts[_when(message)].format(attempts=message.attempts, again=again, place=place)
        parts = f"{message.subject}  {_type(message) or '?'}", when, message.error
        for part in filter(None, parts):
            for line in broken(printable(part), _WIDTH - len(head)):
                yield f"{head}{line}".rstrip()
                head = " " * len(head)
    more = queue.failed + queue.given_up - sum(one.error is not None for one in failing)
    if more > 0:
        yield texts["more"].format(more=more)


def _when(message: Failing) -> str:
    """Whether it is claimed, given up or put off."""
    if message.error is None:
        return "claimed"
    return "given_up" if message.again is None else "put_off"


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
