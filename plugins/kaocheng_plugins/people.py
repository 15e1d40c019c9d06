"""Findings, notices and undetermined deadlines told to people, by whatever Apprise can reach.

    apprise+mailtos://user:password@example.org
    apprise-zh+wecombot://KEY

E-mail, WeCom, DingTalk, Feishu and some hundred more: what follows the first `+` is the
address as Apprise has it. `apprise` writes English and `apprise-zh` Chinese. What only says
that an event happened is not told. Needs the extra `apprise`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kaocheng.delivery import ChannelKind, Message, safe_name
from kaocheng.errors import DeliveryError, InputError

if TYPE_CHECKING:
    from apprise import Apprise

_TYPES: Mapping[str, tuple[str, str]] = {
    "kaocheng.finding": ("{finding}: {case}", "{finding}：{case}"),
    "kaocheng.finding.withdrawn": ("withdrawn: {finding}: {case}", "已撤回：{finding}：{case}"),
    "kaocheng.notice": ("{rule}: {case}", "{rule}：{case}"),
    "kaocheng.notice.withdrawn": ("withdrawn: {rule}: {case}", "已撤回：{rule}：{case}"),
    "kaocheng.undetermined": ("deadline undetermined: {rule}: {case}", "期限待定：{rule}：{case}"),
    "kaocheng.undetermined.withdrawn": (
        "withdrawn: deadline undetermined: {rule}: {case}",
        "已撤回：期限待定：{rule}：{case}",
    ),
}
_LINES: Mapping[str, tuple[str, str]] = {
    "rule": ("rule: {}", "规则：{}"),
    "clause": ("clause: {}", "条款：{}"),
    "stage": ("stage: {}", "阶段：{}"),
    "owed_by": ("owed by: {}", "责任者：{}"),
    "to": ("for: {}", "告知对象：{}"),
    "start": ("begins: {}", "起算：{}"),
    "at": ("since: {}", "时间：{}"),
    "version": ("version: {}", "版本：{}"),
}


class People:
    """A channel to people, by one address of Apprise.

    Raises:
        InputError: Apprise is not installed, or does not know the address.
    """

    def __init__(self, address: str, *, language: str = "en") -> None:
        self._apprise = _apprise(address)
        self._scheme = address.partition(":")[0]
        self._chinese = language == "zh"
        self.name = safe_name("apprise", self._scheme, f"{language}+{address}")

    def wants(self, message: Message) -> bool:
        """Findings, notices and undetermined deadlines, and what takes them back."""
        return message.type in _TYPES

    def send(self, message: Message) -> None:
        """Tell people.

        Raises:
            DeliveryError: they were not told; Apprise's own log says why.
        """
        title, body = texts(message, chinese=self._chinese)
        if not self._apprise.notify(title=title, body=body):
            raise DeliveryError(f"`{self._scheme}` did not take it; the log `apprise` says why")


def texts(message: Message, *, chinese: bool) -> tuple[str, str]:
    """The title and the body of a message."""
    said = dict(_words(message, chinese=chinese))
    title = _TYPES[message.type][chinese].format_map(said)
    lines = [pair[chinese].format(said[key]) for key, pair in _LINES.items() if said.get(key)]
    return title, "\n".join(lines)


def _words(message: Message, *, chinese: bool) -> Iterator[tuple[str, str]]:
    """The values of a message as people read them, by key."""
    from kaocheng.rendering.words import FINDING_WORDS, STAGE_WORDS, word

    data = message.data
    for key in ("owed_by", "to", "clause", "version", "start", "at"):
        yield key, _text(data.get(key))
    yield "case", message.subject
    yield "finding", word(FINDING_WORDS, _text(data.get("finding")))[chinese]
    yield "stage", word(STAGE_WORDS, _text(data.get("stage")))[chinese]
    titles = data.get("title")
    language = "zh" if chinese else "en"
    title = titles.get(language) if isinstance(titles, Mapping) else None
    yield "rule", _text(title or data.get("rule"))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _apprise(address: str) -> Apprise:
    try:
        import apprise
    except ModuleNotFoundError:
        raise InputError(
            "apprise",
            "telling people needs the extra `apprise`: pip install 'kaocheng[apprise]'",
            zh="通知人员需要安装 `apprise`：pip install 'kaocheng[apprise]'",
        ) from None
    made = apprise.Apprise()
    if not made.add(address):
        begins = address.partition(":")[0][:20]
        raise InputError(
            "apprise",
            f"Apprise does not know the address that begins with `{begins}`",
            zh=f"Apprise 无法识别以 `{begins}` 开头的地址",
        )
    return made


def _english(address: str) -> People:
    return People(address)


def _chinese(address: str) -> People:
    return People(address, language="zh")


APPRISE = ChannelKind("apprise", _english)
APPRISE_ZH = ChannelKind("apprise-zh", _chinese)
