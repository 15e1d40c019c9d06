"""What people are told, in their language, by whatever Apprise can reach."""

from __future__ import annotations

import json
import sys

import pytest
from effects_desk import NINE, Clock
from effects_server import Server, status

from kaocheng import Host, InputError
from kaocheng.delivery import Message, read_message
from kaocheng.stores import SqlStore
from kaocheng.stores.delivering import Delivered, deliver
from kaocheng.stores.outbox import Outbox
from kaocheng_plugins.people import texts

pytest.importorskip("apprise")
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # in a plugin of Apprise


def messages(store: SqlStore) -> list[Message]:
    """The messages that wait."""
    return [read_message(claim.text) for claim in Outbox(store).claim(NINE)]


def test_a_finding_in_two_languages(store: SqlStore, late: str) -> None:
    """The title says what and of whom, the lines why, by which rule and since when."""
    (finding,) = [m for m in messages(store) if m.type == "kaocheng.finding"]

    assert (
        f"late: {late}",
        "rule: verification in time\nclause: article 12\nstage: found\n"
        "since: 2024-03-02T11:00:00+08:00\nversion: 2024",
    ) == texts(finding, chinese=False)
    assert (
        f"迟报：{late}",
        "规则：按时核实\n条款：article 12\n阶段：已认定\n"
        "时间：2024-03-02T11:00:00+08:00\n版本：2024",
    ) == texts(finding, chinese=True)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("notice", ("told_of_it: report/1", "told_of_it：report/1")),
        ("notice.withdrawn", ("withdrawn: told_of_it: report/1", "已撤回：told_of_it：report/1")),
        ("finding.withdrawn", ("withdrawn: late: report/1", "已撤回：迟报：report/1")),
        (
            "undetermined",
            ("deadline undetermined: told_of_it: report/1", "期限待定：told_of_it：report/1"),
        ),
        (
            "undetermined.withdrawn",
            (
                "withdrawn: deadline undetermined: told_of_it: report/1",
                "已撤回：期限待定：told_of_it：report/1",
            ),
        ),
    ],
)
def test_every_type_has_a_title(kind: str, said: tuple[str, str]) -> None:
    """Notices and deadlines are called by their rule, and what is taken back says so."""
    event = {
        "specversion": "1.0",
        "id": "1.1",
        "source": "/desk",
        "type": f"kaocheng.{kind}",
        "subject": "report/1",
        "time": "2024-03-02T01:00:00Z",
        "data": {"rule": "told_of_it", "finding": "late", "to": "unit/1", "at": None},
    }
    message = read_message(json.dumps(event))

    assert said == tuple(texts(message, chinese=chinese)[0] for chinese in (False, True))
    assert "for: unit/1" in texts(message, chinese=False)[1]


def test_people_are_told_of_findings_only(
    store: SqlStore, late: str, clock: Clock, server: Server, host: Host
) -> None:
    """What Apprise sends is the text; that an event happened is told to nobody."""
    address = server.url.replace("http:", "json:")
    channel = host.channel(f"apprise-zh+{address}")
    done = deliver(store, [channel], clock=clock)

    assert done == Delivered(delivered=done.done)
    ((_, _, body),) = server.got
    assert f"迟报：{late}" == json.loads(body)["title"]


def test_who_is_not_told_is_told_later(
    store: SqlStore, late: str, clock: Clock, server: Server, host: Host
) -> None:
    """A failure of Apprise is tried again, and says nothing secret."""
    address = server.url.replace("http://", "json://user:secret@")
    channel = host.channel(f"apprise+{address}")
    server.answer = status(500)

    assert 1 == deliver(store, [channel], clock=clock).failed
    clock.turn(1)
    (claim, *_) = Outbox(store).claim(clock.now)
    assert (late, 1) == (claim.subject, claim.attempts)
    assert "secret" not in channel.name


def test_addresses_that_apprise_does_not_know(host: Host) -> None:
    """They are refused at once, in both languages, without what could be a password."""
    with pytest.raises(InputError) as caught:
        host.channel("apprise+nonsense://user:secret@x")

    assert (
        "Apprise does not know the address that begins with `nonsense`",
        "Apprise 无法识别以 `nonsense` 开头的地址",
    ) == (caught.value.message, caught.value.zh)


def test_without_apprise(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the address is refused with what to install; nothing else changes."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    assert {"webhook", "apprise", "apprise-zh"} == {kind.name for kind in host.channels()}
    with pytest.raises(InputError, match="needs the extra `apprise`"):
        host.channel("apprise+json://x")
