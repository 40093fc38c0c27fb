"""The endpoints of oauthlib, put together with what OAuth 2.1 leaves of OAuth 2.0 and nothing else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    RevocationEndpoint,
    TokenEndpoint,
)

from tenants import addresses, hosts
from tenants.identity.oauth import secrets
from tenants.identity.oauth.grants import ACCESS_LIFETIME
from tenants.identity.oauth.validator import WorkspaceValidator, require_s256

#: oauthlib makes every parameter an attribute of its request; what is not named here never reaches it.
PARAMETERS = {
    "client_id", "client_secret", "code", "code_challenge", "code_challenge_method", "code_verifier", "grant_type",
    "redirect_uri", "refresh_token", "response_mode", "response_type", "scope", "state", "token", "token_type_hint",
}  # fmt: skip


class WorkspaceServer(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):
    """Codes with PKCE, refresh tokens that rotate, client credentials, revocation."""

    def __init__(self) -> None:
        validator = WorkspaceValidator()
        codes = AuthorizationCodeGrant(validator)
        codes.custom_validators.post_auth = (require_s256,)
        codes.register_code_modifier(_our_code)
        bearer = BearerToken(
            validator,
            token_generator=lambda request: secrets.make(secrets.ACCESS),
            refresh_token_generator=lambda request: secrets.make(secrets.REFRESH),
            expires_in=int(ACCESS_LIFETIME.total_seconds()),
        )
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": codes})
        grant_types = {
            "authorization_code": codes,
            "refresh_token": RefreshTokenGrant(validator),
            "client_credentials": ClientCredentialsGrant(validator),
        }
        TokenEndpoint.__init__(self, "authorization_code", bearer, grant_types)
        RevocationEndpoint.__init__(self, validator)


def _our_code(grant: dict[str, Any], token_handler: Any, request: Any) -> dict[str, Any]:
    return {**grant, "code": secrets.make(secrets.CODE)}


server = WorkspaceServer()


def parameters(given: QueryDict) -> list[tuple[str, str]]:
    """What oauthlib gets of a request: known names, doubled ones doubled, empty ones not at all (RFC 6749 §3.1)."""
    return [(k, v) for k, values in given.lists() if k in PARAMETERS for v in values if v]


def issuer(request: HttpRequest) -> str:
    """The workspace as issuer: the address it was reached at, which is one of its own (RFC 8414, 9207)."""
    return addresses.origin(hosts.host_name(request.get_host()) or "")
