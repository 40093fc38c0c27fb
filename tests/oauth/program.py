"""A program that connects to a workspace by OAuth, as an integrator would write it, with a person who agrees or not."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from tenants.context import activate
from tenants.identity.models import OAuthApplication, User
from tenants.identity.oauth import applications
from tests.api_client import ApiClient, host_of

BACK = "https://sheets.example/callback"
BACKEND = "tenants.identity.backends.WorkspaceBackend"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-1"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Program:
    """Registered in ``tenant`` by its user ``by``."""

    def __init__(self, tenant: Any, by: User, **facts: Any):
        facts = {"name": "Sheet sync", "publisher": "Sheets Ltd", "redirect_uris": [BACK], "scopes": ["read", "write"],
                 "is_confidential": True, **facts}  # fmt: skip
        with activate(tenant):
            row, secret = applications.register(by, **facts)
        self._connect(tenant, by, row, secret)

    @classmethod
    def of(cls, tenant: Any, row: OAuthApplication, secret: str | None) -> Program:
        """One that is registered already."""
        made = cls.__new__(cls)
        made._connect(tenant, row.created_by, row, secret)
        return made

    def _connect(self, tenant: Any, by: Any, row: OAuthApplication, secret: str | None) -> None:
        self.tenant, self.by, self.row, self.secret = tenant, by, row, secret
        self.host = host_of(tenant)
        self.http = Client(SERVER_NAME=self.host, enforce_csrf_checks=True, raise_request_exception=False)

    def query(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        usual = {
            "response_type": "code", "client_id": self.row.client_id, "redirect_uri": BACK, "scope": "read write",
            "state": "xyz", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
        }  # fmt: skip
        return {k: v for k, v in {**usual, **changes}.items() if v is not None}

    def browser(self, user: User | None = None) -> Client:
        """The browser of a person who is signed in."""
        client = Client(SERVER_NAME=self.host, raise_request_exception=False)
        with activate(self.tenant):
            client.force_login(user or self.by, backend=BACKEND)
        return client

    def ask(self, client: Client | None = None, decision: str | None = "allow", **changes: str | None) -> Any:
        """The answer to the person's decision, or, without one, to opening the page."""
        address = f"/oauth/authorize?{urlencode(self.query(**changes))}"
        client = client or self.browser()
        return client.post(address, {"decision": decision}) if decision else client.get(address)

    def code(self, client: Client | None = None, **changes: str | None) -> str:
        answer = self.ask(client, **changes)
        assert answer.status_code == 303, answer.content
        return answered(answer)["code"]

    def token(self, **body: str | None) -> Any:
        """The answer of the token endpoint; the program names itself unless `client_id` says otherwise."""
        usual = {"client_id": self.row.client_id, "client_secret": self.secret}
        form = {k: v for k, v in {**usual, **body}.items() if v is not None}
        return self.http.post(
            "/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded"
        )

    def exchange(self, code: str, **changes: str | None) -> Any:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**usual, **changes})

    def tokens(self, client: Client | None = None, **changes: str | None) -> dict[str, Any]:
        """Let in from the first page to the tokens."""
        answer = self.exchange(self.code(client, **changes))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refresh(self, token: str, **changes: str | None) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token, **changes)

    def works(self, access_token: str) -> bool:
        """Whether the API knows the token."""
        status = ApiClient(self.host, access_token).get("/session")[0]
        assert status in (200, 401)
        return status == 200

    def again(self) -> OAuthApplication:
        self.row.refresh_from_db()
        return self.row


def answered(response: Any) -> dict[str, str]:
    """What the program is told on the way back."""
    return dict(parse_qsl(urlsplit(response["Location"]).query))
