"""Signed webhooks: a POST of the CloudEvent, signed as the Standard Webhooks have it.

    webhook+https://example.org/hooks/reports#whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

The fragment is the secret, never sent anywhere; during a change of secrets there may be
two, with a comma between them, and the receiver accepts either. The headers are
`webhook-id`, the same for each attempt, `webhook-timestamp`, and `webhook-signature` with a
`v1,` and HMAC-SHA256 in base64 for each secret. A 2xx has arrived; 410 says that the
receiver is gone for good; everything else is tried again. Redirects are not followed, and
over HTTPS the receiver must have a certificate for its name that this machine trusts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import io
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kaocheng.delivery.channels import ChannelKind, safe_name
from kaocheng.delivery.messages import Message
from kaocheng.errors import DeliveryError, InputError

SECONDS = 10.0
"""How long one attempt may take altogether."""

CONTENT_TYPE = "application/cloudevents+json"

_PREFIX = "whsec_"
_GONE = 410
_LATER = (429, 503)


class Webhook:
    """A channel to one address.

    Args:
        url: an `http` or `https` address.
        secrets: what signatures are made with, `whsec_` and base64 each.
        seconds: how long one attempt may take.
        clock: the seconds since 1970, for the timestamp.

    Raises:
        InputError: the address or a secret is none.
    """

    def __init__(
        self,
        url: str,
        *,
        secrets: Sequence[str],
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        parts = _split(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _refused(
                "a webhook needs an address such as `https://example.org/hook`",
                "webhook 须有地址，如 `https://example.org/hook`",
            )
        if not url.isascii() or any(c <= " " for c in url):
            raise _refused(
                "the address of a webhook has a character that must be escaped",
                "webhook 的地址含有须转义的字符",
            )
        if not secrets:
            raise _refused(
                "a webhook needs a secret: `#whsec_…` behind its address",
                "webhook 须有密钥，写在地址之后：`#whsec_…`",
            )
        self.name = safe_name("webhook", parts.hostname, url)
        self._url = url
        self._keys = [_key(secret) for secret in secrets]
        self._seconds = seconds
        self._clock = clock

    def wants(self, message: Message) -> bool:  # noqa: ARG002 - as every channel has it
        """Every message."""
        return True

    def send(self, message: Message) -> None:
        """Post a message.

        Raises:
            DeliveryError: nobody said 2xx in time.
        """
        body = message.text.encode()
        webhook_id = f"{message.source}#{message.id}"
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": "kaocheng",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(
                signature(key, webhook_id, timestamp, body) for key in self._keys
            ),
        }
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310 - checked above
        until = time.monotonic() + self._seconds
        try:
            with _opener(until).open(request, timeout=self._seconds):
                return
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.headers.get("Retry-After")) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeliveryError(_said(error)) from None


def signature(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    """The signature of a message, as its header has it."""
    signed = b".".join((webhook_id.encode(), timestamp.encode(), body))
    digest = hmac.digest(key, signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def make_webhook(address: str) -> Webhook:
    """The webhook of an address with its secrets in the fragment."""
    url, _, fragment = address.partition("#")
    return Webhook(url, secrets=[secret for secret in fragment.split(",") if secret])


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _refused(en: str, zh: str) -> InputError:
    return InputError("webhook", en, zh=zh)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not key:
        raise _refused(
            "the secret of a webhook is `whsec_` and base64",
            "webhook 的密钥应为 `whsec_` 加 base64",
        )
    return key


def _refusal(status: int, retry_after: str | None) -> DeliveryError:
    """What a status that is not 2xx means."""
    if status == _GONE:
        return DeliveryError("the receiver is gone for good (410)", final=True)
    wait = retry_after if status in _LATER and retry_after is not None else ""
    return DeliveryError(
        f"the receiver answered {status}",
        after=int(wait) if wait.isascii() and wait.isdigit() and len(wait) < len("99999") else 0,
    )


def _said(error: Exception) -> str:
    """Why there was no answer."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "the receiver did not answer in time"
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = reason.verify_message.rstrip(".")
        return f"the certificate of the receiver is not accepted: {why}"
    said = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
    return f"the receiver cannot be reached: {' '.join(str(said).split())[:200]}"


# The time that urllib takes is for every single read; a receiver that sends one byte now
# and then would never end. Here what is left of the whole time is set before each read.


class _Reads(io.RawIOBase):
    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as the base class has it
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


class _Socket:
    """As much of a socket as a response needs."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._reads = _Reads(sock, until)

    def makefile(self, *_mode: object) -> io.BufferedReader:
        return io.BufferedReader(self._reads)


def _answer(
    until: float, sock: socket.socket, *, method: str | None = None
) -> http.client.HTTPResponse:
    return http.client.HTTPResponse(_Socket(sock, until), method=method)  # type: ignore[arg-type]


def _connection(made: type[http.client.HTTPConnection], until: float) -> Callable[..., Any]:
    def connect(host: str, **options: Any) -> http.client.HTTPConnection:  # noqa: ANN401
        connection = made(host, **options)
        connection.response_class = partial(_answer, until)  # type: ignore[assignment]
        return connection

    return connect


class _Http(urllib.request.HTTPHandler):
    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_connection(http.client.HTTPConnection, self._until), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_connection(http.client.HTTPSConnection, self._until), req)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def _opener(until: float) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Http(until), _Https(until), _NoRedirect)


WEBHOOK = ChannelKind("webhook", make_webhook)
