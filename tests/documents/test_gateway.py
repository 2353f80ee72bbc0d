"""The gateway of short messages: a real server on this machine that answers as gateways do, and as they should not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from huiqi.documents.sending.channels import Http, Message, NotKnown, NotSent

MESSAGE = Message("0a1b2c", "惠企", "【惠企】政策消息，编号 7。")


class Gateway:
    """What it was asked, and what it answers next: a status and a body, or nothing at all."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.body, self.silent = 200, b'{"id": "g-1"}', False
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
                if gateway.silent:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(gateway.status)
                if gateway.status in (301, 302, 307):
                    self.send_header("Location", f"{gateway.url}/elsewhere")
                self.send_header("Content-Length", str(len(gateway.body)))
                self.end_headers()
                self.wfile.write(gateway.body)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                """Nothing is written between the results of tests."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    gateway = Gateway()
    settings.HUIQI_SMS_URL, settings.HUIQI_SMS_TOKEN = f"{gateway.url}/send", "secret-token"
    settings.HUIQI_SMS_RECEIPTS_URL = f"{gateway.url}/receipts"
    thread = threading.Thread(target=gateway.server.serve_forever, args=(0.02,))
    thread.start()
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()
    thread.join()


def test_a_message_is_posted_with_the_token_and_a_key_that_stays_the_same(gateway: Gateway) -> None:
    assert Http().send("+8613812345678", MESSAGE) == "g-1"
    assert Http().send("+8613812345678", MESSAGE) == "g-1"
    first, second = gateway.asked
    assert first["body"] == {"to": "+8613812345678", "text": MESSAGE.text, "key": "0a1b2c"} == second["body"]
    assert first["headers"]["Authorization"] == "Bearer secret-token"
    assert first["headers"]["Idempotency-Key"] == "0a1b2c"


@pytest.mark.parametrize(
    ("status", "reason", "again"),
    [(400, "refused", False), (422, "refused", False), (401, "no_entry", True), (429, "busy", True),
     (503, "busy", True), (302, "wrong_answer", True)],
)  # fmt: skip
def test_what_was_certainly_not_sent_is_told_apart(gateway: Gateway, status: int, reason: str, again: bool) -> None:
    gateway.status = status
    with pytest.raises(NotSent) as refused:
        Http().send("+8613812345678", MESSAGE)
    assert (refused.value.reason, refused.value.again) == (reason, again)
    assert len(gateway.asked) == 1, "the token went elsewhere"


def test_what_may_have_been_sent_is_not_known(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.status = 502
    with pytest.raises(NotKnown):
        Http().send("+8613812345678", MESSAGE)
    gateway.status, gateway.body = 200, b"<html>OK</html>"
    with pytest.raises(NotKnown):
        Http().send("+8613812345678", MESSAGE)
    gateway.silent = True
    with pytest.raises(NotKnown):
        Http().send("+8613812345678", MESSAGE)


def test_a_gateway_that_cannot_be_reached_was_not_asked(settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.HUIQI_SMS_URL = f"http://127.0.0.1:{port}/send"
    with pytest.raises(NotSent) as refused:
        Http().send("+8613812345678", MESSAGE)
    assert refused.value.reason == "no_connection"


def test_a_taken_message_without_a_number_is_sent_all_the_same(gateway: Gateway) -> None:
    gateway.body = b""
    assert Http().send("+8613812345678", MESSAGE) == ""


def test_receipts_are_those_that_were_asked_for_and_have_a_time(gateway: Gateway, settings: Any) -> None:
    now = timezone.now()
    gateway.body = json.dumps(
        [
            {"id": "g-1", "delivered_at": now.isoformat()},
            {"id": "g-2", "delivered_at": "yesterday"},
            {"id": "g-3", "delivered_at": "2026-11-24T08:00:00"},
            {"id": "somebody else's", "delivered_at": now.isoformat()},
            "nonsense",
        ]
    ).encode()
    (receipt,) = Http().receipts(["g-1", "g-2", "g-3"])
    assert (receipt.provider_id, receipt.delivered_at) == ("g-1", now)
    gateway.body = b"nonsense"
    with pytest.raises(OSError, match="no JSON"):
        list(Http().receipts(["g-1"]))
    settings.HUIQI_SMS_RECEIPTS_URL = ""
    asked = len(gateway.asked)
    assert list(Http().receipts(["g-1"])) == [] and len(gateway.asked) == asked
