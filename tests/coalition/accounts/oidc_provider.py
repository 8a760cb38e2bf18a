"""A small OpenID Connect provider on loopback: discovery, authorization with PKCE, tokens signed with RS256, keys."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Provider:
    """Says whoever ``claims`` describes; ``asked`` holds what was asked for at which address."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.asked: list[str] = []
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, dict(parse_qs(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                provider.answer(self, dict(parse_qs(body)))

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, params: dict[str, list[str]]) -> None:
        """Answer as the standard says."""
        given = {name: values[0] for name, values in params.items()}
        path = urlsplit(handler.path).path
        self.asked.append(path)
        if path == "/authorize":
            code = secrets.token_urlsafe(8)
            self._codes[code] = given
            back = urlencode({"code": code, "state": given["state"]})
            handler.send_response(302)
            handler.send_header("Location", f"{given['redirect_uri']}?{back}")
            handler.end_headers()
            return
        body = json.dumps(self._said(path, given)).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _said(self, path: str, given: dict[str, str]) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "id_token_signing_alg_values_supported": ["RS256"],
                **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in names.items()},
            }
        if path == "/jwks":
            key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
            return {"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]}
        if path == "/token":
            asked = self._codes.pop(given["code"])
            proof = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
            if proof.decode() != asked["code_challenge"] or given["client_secret"] != "hidden":
                return {"error": "invalid_grant"}
            now = int(time.time())
            claims = {"iss": self.url, "aud": asked["client_id"], "iat": now, "exp": now + 300, **self.claims}
            token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "one"})
            return {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return self.claims
