"""Webhooks over HTTPS, against a real server with certificates of the tests' own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from effects_server import Server, status

from kaocheng import Host
from kaocheng.delivery import read_message
from kaocheng.delivery.webhook import Webhook
from kaocheng.errors import DeliveryError
from kaocheng.stores import SqlStore
from kaocheng.stores.delivering import Delivered, deliver
from kaocheng.stores.outbox import Outbox

if TYPE_CHECKING:
    from effects_desk import Clock

CERTIFICATES = Path(__file__).with_name("certificates")
KEY = b"a secret of these tests"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"

Submit = Callable[[str], None]
Send = Callable[[str], Delivered]


@pytest.fixture
def receiver() -> Iterator[Server]:
    """A receiver with a certificate for this machine."""
    with closing(Server(CERTIFICATES / "receiver.pem")) as made:
        yield made


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """A receiver on this machine with a certificate for another one."""
    with closing(Server(CERTIFICATES / "elsewhere.pem")) as made:
        yield made


@pytest.fixture
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of these tests is trusted, as an operator would say so."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))


@pytest.fixture
def send(store: SqlStore, submit: Submit, clock: Clock, host: Host) -> Send:
    """Delivers a message to an address."""
    submit("1")

    def sent(url: str) -> Delivered:
        return deliver(store, [host.channel(f"webhook+{url}#{SECRET}")], clock=clock)

    return sent


def why(store: SqlStore) -> str:
    """Why the message has not arrived; it is tried again."""
    (message,) = Outbox(store).failing()
    assert message.again is not None
    return message.error.partition(": ")[2]


@pytest.mark.usefixtures("_trusted")
def test_a_delivery_arrives_and_its_signature_verifies(receiver: Server, send: Send) -> None:
    """Over HTTPS the receiver gets what was signed, byte by byte."""
    assert Delivered(delivered=1) == send(receiver.url)

    ((path, headers, body),) = receiver.got
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    digest = hmac.new(KEY, signed, hashlib.sha256).digest()
    assert receiver.url.startswith("https://")
    assert "/hook" == path
    assert f"v1,{base64.b64encode(digest).decode()}" == headers["Webhook-Signature"]
    assert b'"subject":"report/1"' in body


def test_an_untrusted_certificate_is_refused(receiver: Server, send: Send, store: SqlStore) -> None:
    """Nothing is sent to whom nobody vouches for, and the message says so."""
    assert Delivered(failed=1) == send(receiver.url)

    assert (
        "the certificate of the receiver is not accepted: unable to get local issuer certificate"
    ) == why(store)
    assert [] == receiver.got


@pytest.mark.usefixtures("_trusted")
def test_a_certificate_for_another_name_is_refused(
    elsewhere: Server, send: Send, store: SqlStore
) -> None:
    """Even where its authority is trusted."""
    assert Delivered(failed=1) == send(elsewhere.url)

    assert (
        "the certificate of the receiver is not accepted:"
        " IP address mismatch, certificate is not valid for '127.0.0.1'"
    ) == why(store)
    assert [] == elsewhere.got


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(
    receiver: Server, server: Server, send: Send, store: SqlStore, code: int
) -> None:
    """Least of all from HTTPS to an address that anybody can read."""
    receiver.answer = status(code, Location=server.url)

    assert Delivered(failed=1) == send(receiver.url)
    assert f"the receiver answered {code}" == why(store)
    assert (1, 0) == (len(receiver.got), len(server.got))


def test_a_receiver_without_tls(server: Server, send: Send, store: SqlStore) -> None:
    """What does not speak HTTPS gets nothing in plain text instead."""
    assert Delivered(failed=1) == send(server.url.replace("http:", "https:"))

    assert why(store).startswith("the receiver cannot be reached: ")
    assert [] == server.got


def test_a_receiver_that_never_shakes_hands() -> None:
    """The time of an attempt counts from the first byte on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/hook"
        webhook = Webhook(url, secrets=[SECRET], seconds=0.2)
        text = (
            '{"specversion":"1.0","id":"1","source":"/x","type":"y","time":"2024-03-02T01:00:00Z"}'
        )
        with pytest.raises(DeliveryError) as caught:
            webhook.send(read_message(text))

    assert "the receiver did not answer in time" == caught.value.reason
