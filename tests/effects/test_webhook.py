"""Webhooks against a real server: what they send, and what they make of every answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest
from effects_server import Server, status

from kaocheng import Host, InputError
from kaocheng.delivery import Message, read_message
from kaocheng.delivery.webhook import Webhook
from kaocheng.errors import DeliveryError
from kaocheng.stores import SqlStore
from kaocheng.stores.delivering import Delivered, deliver

if TYPE_CHECKING:
    from effects_desk import Clock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - that of the standard's example
OTHER = "whsec_" + base64.b64encode(b"the one before").decode()
TEXT = (
    '{"specversion":"1.0","id":"1.1","source":"/kaocheng/default","type":"kaocheng.event",'
    '"subject":"report/1","time":"2024-03-02T01:00:00Z","data":{"note":"核实"}}'
)


@pytest.fixture
def message() -> Message:
    """A message with Chinese in it."""
    return read_message(TEXT)


def failure(webhook: Webhook, message: Message) -> DeliveryError:
    """How sending fails."""
    with pytest.raises(DeliveryError) as caught:
        webhook.send(message)
    return caught.value


def test_what_is_sent(server: Server, message: Message) -> None:
    """The body is the CloudEvent, and its signature is that of Standard Webhooks."""
    Webhook(server.url, secrets=[SECRET], clock=lambda: 1_709_341_200.9).send(message)
    ((path, headers, body),) = server.got
    signed = f"/kaocheng/default#1.1.1709341200.{TEXT}".encode()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, signed, hashlib.sha256).digest()

    assert ("/hook", TEXT.encode()) == (path, body)
    assert "application/cloudevents+json" == headers["Content-Type"]
    assert "/kaocheng/default#1.1" == headers["Webhook-Id"]
    assert "1709341200" == headers["Webhook-Timestamp"]
    assert f"v1,{base64.b64encode(digest).decode()}" == headers["Webhook-Signature"]


def test_the_standards_own_example(server: Server) -> None:
    """The signature that the standard prints for its example comes out."""
    from kaocheng.delivery.webhook import signature

    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    body = b'{"test": 2432232314}'

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == signature(
        key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body
    )
    assert not server.got


def test_a_change_of_secrets(server: Server, message: Message, host: Host) -> None:
    """With two secrets there are two signatures, and none of them is in the channel's name."""
    channel = host.channel(f"webhook+{server.url}#{SECRET},{OTHER}")
    channel.send(message)
    ((_, headers, _),) = server.got

    assert ["v1", "v1"] == [s.partition(",")[0] for s in headers["Webhook-Signature"].split(" ")]
    assert channel.name.startswith("webhook:127.0.0.1#")
    assert channel.name == host.channel(f"webhook+{server.url}#{OTHER}").name


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_arrived(server: Server, message: Message, code: int) -> None:
    """Every 2xx has arrived."""
    server.answer = status(code)
    Webhook(server.url, secrets=[SECRET]).send(message)

    assert 1 == len(server.got)


@pytest.mark.parametrize("code", [400, 401, 404, 429, 500, 503])
def test_tried_again(server: Server, message: Message, code: int) -> None:
    """Every other status is tried again."""
    server.answer = status(code)
    failed = failure(Webhook(server.url, secrets=[SECRET]), message)

    assert (f"the receiver answered {code}", False, 0) == (
        failed.reason,
        failed.final,
        failed.after,
    )


def test_gone(server: Server, message: Message) -> None:
    """410 is the receiver's way to say never again."""
    server.answer = status(410)

    assert failure(Webhook(server.url, secrets=[SECRET]), message).final


@pytest.mark.parametrize(
    ("code", "said", "after"),
    [(429, "30", 30), (503, "7", 7), (500, "30", 0), (503, "Fri, 31 Dec 2027", 0), (503, "²", 0)],
)
def test_who_is_busy_says_for_how_long(
    server: Server, message: Message, code: int, said: str, after: int
) -> None:
    """`Retry-After` in seconds is heeded where it means something."""
    server.answer = status(code, Retry_After=said)

    assert after == failure(Webhook(server.url, secrets=[SECRET]), message).after


def test_redirects_are_not_followed(server: Server, message: Message) -> None:
    """A redirect could lead anywhere, so it is an answer like any other."""
    server.answer = status(302, Location=server.url)

    assert "302" in failure(Webhook(server.url, secrets=[SECRET]), message).reason
    assert 1 == len(server.got)


def test_a_receiver_that_hangs(server: Server, message: Message) -> None:
    """Who never answers has had the message or has not: it is tried again."""
    server.answer = lambda _handler: server.done.wait(60) and None
    webhook = Webhook(server.url, secrets=[SECRET], seconds=0.1)

    assert "the receiver did not answer in time" == failure(webhook, message).reason


def test_a_receiver_that_drips(server: Server, message: Message) -> None:
    """A byte now and then does not keep an attempt alive."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not server.done.wait(0.02):
                handler.wfile.write(b"X-More: and more\r\n")

    server.answer = drip
    webhook = Webhook(server.url, secrets=[SECRET], seconds=0.2)

    assert "the receiver did not answer in time" == failure(webhook, message).reason


def test_a_receiver_that_is_not_there(message: Message) -> None:
    """An address that nobody listens at is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    failed = failure(Webhook(f"http://127.0.0.1:{port}/", secrets=[SECRET]), message)

    assert not failed.final
    assert failed.reason.startswith("the receiver cannot be reached: ")


@pytest.mark.parametrize("said", [b"", b"SMTP ready\r\n", b"HTTP/1.1 200 OK\r\n" + b"x" * 99_999])
def test_a_receiver_that_does_not_speak_http(server: Server, message: Message, said: bytes) -> None:
    """Nonsense, or nothing, is tried again."""

    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(said)

    server.answer = nonsense

    assert not failure(Webhook(server.url, secrets=[SECRET]), message).final


def test_an_answer_that_comes_late_is_an_answer(
    store: SqlStore, submit: Callable[[str], None], clock: Clock, server: Server
) -> None:
    """A receiver that fails first and answers late then gets the same message, with the same id."""
    submit("1")
    webhook = Webhook(server.url, secrets=[SECRET])
    server.answer = status(500)
    first = deliver(store, [webhook], clock=clock)

    def late(handler: BaseHTTPRequestHandler) -> None:
        server.done.wait(0.1)
        status(200)(handler)

    server.answer = late
    clock.turn(1)
    second = deliver(store, [webhook], clock=clock)

    assert (Delivered(failed=1), Delivered(delivered=1)) == (first, second)
    assert 1 == len({body for _, _, body in server.got})
    assert 1 == len({headers["Webhook-Id"] for _, headers, _ in server.got})


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("webhook+ftp://example.org/x#" + SECRET, "such as `https://example.org/hook`"),
        ("webhook+https:///x#" + SECRET, "such as `https://example.org/hook`"),
        ("webhook+http://[::1/x#" + SECRET, "such as `https://example.org/hook`"),
        ("webhook+https://example.org/核#" + SECRET, "must be escaped"),
        ("webhook+https://example.org/x", "needs a secret"),
        ("webhook+https://example.org/x#whsec_", "`whsec_` and base64"),
        ("webhook+https://example.org/x#whsec_%%", "`whsec_` and base64"),
        ("webhook+https://example.org/x#c2VjcmV0", "`whsec_` and base64"),
        ("webhok+https://example.org/x", "no channel is called `webhok`"),
        ("https://example.org/x", "no channel is called `https://example.org/`"),
    ],
)
def test_addresses_that_are_none(host: Host, address: str, said: str) -> None:
    """Each is refused with one sentence in both languages, without the secret."""
    with pytest.raises(InputError) as caught:
        host.channel(address)

    assert said in caught.value.message
    assert caught.value.zh != caught.value.message
    assert SECRET not in str(caught.value) + caught.value.zh
