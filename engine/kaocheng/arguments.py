"""Arguments of another type than is asked for: refused by name, in both languages."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kaocheng.errors import ArgumentError

Why = tuple[str, str]
"""What is wrong, in English and Chinese, to stand behind the name of the argument."""

RULESET: Why = (
    "must be a ruleset, as `Host.load` gives it",
    "应为规则集（由 `Host.load` 给出）",
)
RULESETS: Why = ("must be a list of rulesets", "应为规则集的列表")
JOURNAL: Why = ("must be a journal", "应为台账")
PROGRAM: Why = (
    "must be a compiled program, as `Engine.program` has it",
    "应为已编译的程序（见 `Engine.program`）",
)
CLOCK: Why = (
    "must be a function that gives the present in microseconds since 1970 UTC",
    "应为给出当前时刻（自 1970 年起的微秒数，UTC）的函数",
)
STORE: Why = (
    "must be a store; `SqlStore.open` makes one of an address",
    "应为存储；数据库地址请交给 `SqlStore.open`",
)
ASYNC_STORE: Why = (
    "must be an asynchronous store, as `AsyncSqlStore.open` makes one of an address",
    "应为异步存储（数据库地址请交给 `AsyncSqlStore.open`）",
)
ASYNC_CONNECTION: Why = (
    "must be an asynchronous connection or session of SQLAlchemy",
    "应为 SQLAlchemy 的异步连接或异步会话",
)
CLAIM: Why = (
    "must be a claim, as `Outbox.claim` gives it",
    "应为领取的消息（由 `Outbox.claim` 给出）",
)
CHANNELS: Why = ("must be a list of channels", "应为渠道的列表")
ENGINES: Why = ("must be a list of engines", "应为引擎的列表")
NAME: Why = ("must be a name, as text", "应为名称的文本")
NAMES: Why = ("must be a list of names", "应为名称的列表")
PATH: Why = (
    "must be the name of a ruleset or a path, as text",
    "应为规则集名称或路径的文本",
)


def check_is(name: str, value: object, kind: type | tuple[type, ...], why: Why) -> None:
    """Refuse what is of another type.

    Raises:
        ArgumentError: it is.
    """
    if not isinstance(value, kind):
        refuse(name, why)


def check_does(name: str, value: object, parts: Sequence[str], why: Why) -> None:
    """Refuse what does not have all of these methods, as a class does not have them.

    Raises:
        ArgumentError: it has not.
    """
    is_class = isinstance(value, type)
    if is_class or not all(callable(getattr(value, part, None)) for part in parts):
        refuse(name, why)


def check_clock(value: object) -> None:
    """Refuse what gives no time.

    Raises:
        ArgumentError: it cannot be called.
    """
    if not callable(value):
        refuse("clock", CLOCK)


def check_each(name: str, values: object, kind: type, why: Why) -> None:
    """Refuse what is no collection, and one of anything else than these; a text is none.

    Raises:
        ArgumentError: it says which.
    """
    fits = (
        isinstance(values, Collection)
        and not isinstance(values, str | bytes)
        and all(isinstance(value, kind) for value in values)
    )
    if not fits:
        refuse(name, why)


def refuse(name: str, why: Why) -> None:
    """Refuse an argument.

    Raises:
        ArgumentError: always.
    """
    english, chinese = why
    raise ArgumentError(name, english, zh=chinese)
