"""A small OpenID provider for tests: discovery, the page to sign in (it says yes at once), tokens, keys, userinfo.

It checks what a provider checks of a client: its name and secret, the redirect address, and the proof key (RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "huiqi", "a-secret-between-the-two"


class SignOn:
    """The provider while it runs. ``claims`` is who signs in next; ``answer`` may be set to ``deny`` or ``break``."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "650000-0001", "preferred_username": "aygul", "name": "阿依古丽"}
        self.answer = "allow"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []
        self.url = ""

    def id_token(self, claims: dict[str, Any], nonce: str | None) -> str:
        now = int(time.time())
        told = {**claims, "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300}
        return jwt.encode(told | ({"nonce": nonce} if nonce else {}), self.key, "RS256", headers={"kid": "1"})


@contextmanager
def sign_on() -> Iterator[SignOn]:
    """Run the provider on a port of its own."""
    provider = SignOn()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    provider: SignOn

    def do_GET(self) -> None:
        provider, address = self.provider, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": provider.url,
                    "authorization_endpoint": f"{provider.url}/authorize",
                    "token_endpoint": f"{provider.url}/token",
                    "userinfo_endpoint": f"{provider.url}/userinfo",
                    "jwks_uri": f"{provider.url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif address.path == "/keys":
            key = json.loads(RSAAlgorithm.to_jwk(provider.key.public_key()))
            self._json({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})
        elif address.path == "/authorize":
            self._authorize(asked)
        elif address.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            claims = provider.tokens.get(token)
            self._json(claims or {"error": "invalid_token"}, 200 if claims else 401)
        else:
            self._json({}, 404)

    def _authorize(self, asked: dict[str, str]) -> None:
        provider = self.provider
        if asked.get("client_id") != CLIENT or asked.get("response_type") != "code":
            provider.refused.append("authorize")
            return self._json({"error": "invalid_request"}, 400)
        answer = {"state": asked.get("state", "")}
        if provider.answer == "deny":
            answer["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe()
            provider.codes[code] = asked
            answer["code"] = code
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        provider = self.provider
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        asked = provider.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            provider.answer == "break"
            or asked is None
            or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET)
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or asked.get("code_challenge") != challenge.decode().rstrip("=")
        ):
            provider.refused.append("token")
            return self._json({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe()
        provider.tokens[token] = dict(provider.claims)
        return self._json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": provider.id_token(provider.claims, asked.get("nonce")),
            }
        )

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
