"""The workspace's answers to what oauthlib asks while it checks a request (RFC 6749, 7636, 7009).

Not asked, because not offered: implicit and password grants, introspection, OpenID Connect.
"""

from __future__ import annotations

import re
from typing import Any

from oauthlib.oauth2 import InvalidGrantError, InvalidRequestError, RequestValidator

from tenants.identity.oauth import clients, grants, redirects, secrets
from tenants.identity.oauth.scopes import READ, complete

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # BASE64URL of a SHA-256
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")


class WorkspaceValidator(RequestValidator):
    """Reads and writes only tables of the current workspace. ``request.client`` is an OAuthApplication."""

    # who asks --------------------------------------------------------------------------------------------------------
    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Public programs cannot keep a secret and are known by name only; everybody else has to show one."""
        given = clients.presented(request.headers, request.client_id, request.client_secret)
        application = clients.find(given[0]) if given else None
        return application is None or application.is_confidential or bool(given and given[1])

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        given = clients.presented(request.headers, request.client_id, request.client_secret)
        application = clients.find(given[0]) if given else None
        if application is None or given is None or not clients.has_secret(application, given[1]):
            return False
        request.client = application
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        application = clients.find(client_id)
        if application is None or application.is_confidential:
            return False
        request.client = application
        return True

    # asking for a code -----------------------------------------------------------------------------------------------
    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = clients.find(client_id)
        return request.client is not None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return redirects.matches(request.client.redirect_uris, redirect_uri)

    def get_default_redirect_uri(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """There is none: the address is said each time, so that it can be compared."""

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return [READ]

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        meant = complete(scopes)
        if meant is None or set(meant) - set(client.scopes):
            return False
        request.scopes = meant
        return True

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    def save_authorization_code(
        self, client_id: str, code: dict[str, Any], request: Any, *args: Any, **kwargs: Any
    ) -> None:
        grants.give_code(
            request.client,
            request.user,
            code["code"],
            scopes=request.scopes,
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge,
        )

    # exchanging ------------------------------------------------------------------------------------------------------
    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if grant_type == "client_credentials":
            request.grant = grants.service_grant(client)
            request.user = request.grant.user if request.grant else None
            return request.grant is not None
        return grant_type in GRANT_TYPES

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        grant = grants.locked_by_code(client, code) if secrets.is_one(code, secrets.CODE) else None
        if grant is None:
            return False
        request.grant, request.user, request.scopes = grant, grant.user, grant.scopes
        return True

    def get_code_challenge(self, code: str, request: Any) -> str:
        """Asked behind `validate_code`: a code shown twice ends its grant whatever comes with it."""
        if request.code_verifier is not None and not _VERIFIER.fullmatch(request.code_verifier):
            raise InvalidGrantError(request=request)
        return request.grant.code_challenge

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        return "S256"

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Any,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return redirect_uri == request.grant.redirect_uri

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        grants.spend_code(request.grant)

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        found = None
        if secrets.is_one(refresh_token, secrets.REFRESH):
            found = grants.locked_by_refresh_token(client, refresh_token)
        if found is None:
            return False
        request.grant, request.spent = found
        request.user = request.grant.user
        return True

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return request.grant.scopes

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        if request.grant_type == "refresh_token":
            grants.spend_refresh_token(request.spent)
        scopes = complete(request.scopes) or [READ]
        grants.keep_tokens(request.grant, scopes, token["access_token"], token.get("refresh_token"))

    # giving back -----------------------------------------------------------------------------------------------------
    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        if secrets.is_one(token, secrets.ACCESS) or secrets.is_one(token, secrets.REFRESH):
            grants.revoke_by_token(request.client, token)


def require_s256(request: Any) -> dict[str, Any]:
    """PKCE with SHA-256 or nothing, and answers in the query. Raises InvalidRequestError, which tells the program."""
    if request.code_challenge_method != "S256":
        raise InvalidRequestError("code_challenge_method must be S256.", request=request)
    if not _CHALLENGE.fullmatch(request.code_challenge):
        raise InvalidRequestError("code_challenge is no SHA-256.", request=request)
    if request.response_mode not in (None, "query"):
        raise InvalidRequestError("response_mode must be query.", request=request)
    return {}
