"""A stub of a provincial identity: an OpenID Connect provider on loopback with one person, PKCE checked, tokens signed. For tests only."""

from __future__ import annotations

import base64
import hashlib
import json
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

CLIENT, SECRET = "duixian-tests", "stub-secret"


class Provider:
    """What the stub knows: who signs in, and the codes it has given out."""

    def __init__(self, claims: dict[str, Any]) -> None:
        self.claims, self.codes, self.url = claims, {}, ""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any] | str]:
        """One request: a status, and JSON or an address to go to."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "keys"}
            return 200, {"issuer": self.url, **{name: f"{self.url}/{end}" for name, end in ends.items()}, "response_types_supported": ["code"],
                         "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}  # fmt: skip
        if path == "/keys":
            return 200, {"keys": [{**json.loads(RSAAlgorithm.to_jwk(self.key.public_key())), "kid": "stub", "use": "sig", "alg": "RS256"}]}
        if path == "/authorize":
            code = hashlib.sha256(str(time.time()).encode()).hexdigest()[:20]
            self.codes[code] = query
            return 302, f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        if path == "/token":
            asked = self.codes.pop(form.get("code", ""), None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
            basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            if asked is None or authorization != basic or asked.get("code_challenge") != challenge:
                return 400, {"error": "invalid_grant"}
            now = int(time.time())
            token = {**self.claims, "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, **({"nonce": asked["nonce"]} if "nonce" in asked else {})}
            return 200, {"access_token": "stub", "token_type": "Bearer", "expires_in": 300, "id_token": jwt.encode(token, self.key, "RS256", headers={"kid": "stub"})}
        if path == "/userinfo" and authorization == "Bearer stub":
            return 200, self.claims
        return 404, {"error": "not_found"}


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def provider(**claims: Any) -> Iterator[Provider]:
    """The stub, running."""
    stub = Provider(claims)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            status, body = stub.answer(parts.path, _first(parts.query), _first(self.rfile.read(size).decode()), self.headers.get("Authorization", ""))
            self.send_response(status)
            if isinstance(body, str):
                self.send_header("Location", body)
                self.end_headers()
                return
            data = json.dumps(body).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
