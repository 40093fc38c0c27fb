"""What every endpoint has: who asks, unit of work, state of the workspace, idempotency, known parameters only."""

from __future__ import annotations

import hashlib
import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework import exceptions
from rest_framework.views import APIView

from crm_core.api import viewing
from crm_core.api.answers import answer, object_body, parse_body
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden, Malformed, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.records.models import IdempotencyRecord
from crm_core.security.actor import Actor, actor_for_login
from tenants import metering
from tenants.entitlements import require_everybody, require_open, require_writable
from tenants.identity.clients import client_address
from tenants.identity.oauth.scopes import WRITE
from tenants.identity.tokens import authenticate_bearer

logger = logging.getLogger(__name__)

READ_METHODS = ("GET", "HEAD", "OPTIONS")
MAX_KEY = 200


class NotSignedIn(exceptions.APIException):
    status_code = 401
    crm_code = "session.required"
    default_detail = "Sign in first."


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


class Endpoint(APIView):
    """Base of all endpoints. Subclasses write `get`, `post` … and find `self.actor`.

    `reads = True` marks a POST that only reads (query, aggregate, board): it works in a read-only workspace.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    reads = False
    #: Still answers in a canceled workspace, and when the day's API calls are used up: what it takes to carry the
    #: data away (ASP-20).
    left_when_canceled = False
    #: whether it may write while an administrator views as somebody else
    while_viewing = False
    #: changes nothing but how its caller works: somebody with a read-only seat may do it
    for_readers = False
    parameters: frozenset[str] = frozenset()
    actor: Actor
    #: who is signed in; another than `actor` while he views as somebody else
    own: Actor

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        workspace.begin()
        self.own = self.actor = self._authenticate(request._request)
        self._view_as(request)
        unknown = set(request._request.GET) - self.parameters
        if unknown and request.method in READ_METHODS + ("POST", "PATCH", "PUT", "DELETE"):
            name = sorted(unknown)[0]
            raise Malformed("request.unknown_parameter", f"Unknown parameter “{name}”.", field=name[:100])
        if not self.left_when_canceled:
            require_open(request._request.tenant)
        if request.method not in READ_METHODS and not self.reads:
            require_writable(request._request.tenant)
            if self.own.reads_only and not self.for_readers:
                raise Forbidden(
                    "licence.read_only",
                    "You have a read-only licence. An administrator can give you a full one.",
                )

    def _view_as(self, request: Any) -> None:
        """Look as somebody else, read-only, where the session says so. Raises Forbidden `view_as.read_only`."""
        if (
            request._request.headers.get("Authorization")
            or viewing.SESSION_KEY not in request._request.session
        ):
            return
        person = viewing.viewed(request._request, self.own)
        if person is None:
            return
        if request.method not in READ_METHODS and not (self.reads or self.while_viewing):
            viewing.refuse_write()
        self.actor = person

    def _authenticate(self, request: HttpRequest) -> Actor:
        header = request.headers.get("Authorization")
        if header:
            token = authenticate_bearer(header)
            actor = actor_for_login(token.user_id, "api") if token else None
            if actor is None or token is None:
                logger.warning("A token was refused, from %s", client_address(request))
                raise NotSignedIn("This token is not valid here.")
            may_write = not token.scopes or WRITE in token.scopes
            if not may_write and request.method not in READ_METHODS and not self.reads:
                raise Forbidden("token.scope", "This token may only read.", details={"scope": WRITE})
            actor = actor.through(token.via, may_write=may_write)
            if not actor.is_administrator:
                require_everybody(request.tenant)  # type: ignore[attr-defined]
            if not self.left_when_canceled:
                metering.take(request.tenant, metering.API_CALLS)  # type: ignore[attr-defined]
            return actor
        user = request.user
        actor = actor_for_login(user.pk, "screen") if user.is_authenticated else None
        if actor is None:
            raise NotSignedIn()
        if request.method not in READ_METHODS:
            check = _CsrfCheck(lambda _r: HttpResponse())
            check.process_request(request)
            if reason := check.process_view(request, HttpResponse, (), {}):
                error = exceptions.PermissionDenied(str(reason))
                error.crm_code = "session.csrf"
                raise error
        return actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if not key:
            return super().dispatch(request, *args, **kwargs)
        return self._once(request, key, *args, **kwargs)

    def _once(self, request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give the kept answer of a repeated POST; a second copy running at once waits for the first."""
        if len(key) > MAX_KEY:
            from crm_core.api.errors import error_answer

            return error_answer(400, "idempotency.key_too_long", f"At most {MAX_KEY} characters.")
        who = request.headers.get("Authorization") or request.session.session_key or ""
        name = hashlib.sha256(f"{who}\n{request.path}\n{key}".encode()).hexdigest()
        body = b"" if (request.content_type or "").startswith("multipart/") else request.body
        mark = hashlib.sha256(request.get_full_path().encode() + b"\n" + body).hexdigest()
        kept, created = IdempotencyRecord.objects.get_or_create(key=name, defaults={"fingerprint": mark})
        if not created:
            return self._repeated(kept, mark)
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code < 400:
            IdempotencyRecord.objects.filter(pk=name).update(
                status=response.status_code, body=response.content
            )
        elif not transaction.get_connection().needs_rollback:
            IdempotencyRecord.objects.filter(pk=name).delete()  # otherwise the roll-back takes it away
        return response

    def _repeated(self, kept: IdempotencyRecord, mark: str) -> HttpResponse:
        from crm_core.api.errors import error_answer

        if kept.fingerprint != mark:
            return error_answer(
                422,
                "idempotency.key_reused",
                "This key was used for another request.",
                field="Idempotency-Key",
            )
        if kept.status is None:
            return error_answer(
                409, "idempotency.in_progress", "The first request with this key has not finished."
            )
        response = HttpResponse(bytes(kept.body or b""), status=kept.status, content_type="application/json")
        response["Idempotent-Replayed"] = "true"
        return response

    # what the bodies and addresses say ------------------------------------------------------------------------------
    def body(self, known: set[str] | None = None) -> dict[str, Any]:
        """The JSON object sent, with only `known` keys."""
        return object_body(parse_body(self.request._request.body), known)

    def entity(self, plural: str) -> Entity:
        """The object addressed; internal ones do not exist outside."""
        found = registry.by_plural(plural)
        if found.internal:
            raise NotFound("object.unknown", "There is no such object.")
        return found

    def identifier(self, value: str) -> uuid.UUID:
        """A UUID from the address; anything else does not exist."""
        found = as_uuid(value)
        if found is None:
            raise NotFound()
        return found

    def if_match(self) -> int | None:
        """The version the caller believes in. Raises Malformed `request.if_match`."""
        raw = self.request.headers.get("If-Match")
        if raw is None or raw == "*":
            return None
        raw = raw.strip().removeprefix("W/").strip('"')
        if not raw.isdigit() or not raw.isascii() or len(raw) > 9:
            raise Malformed("request.if_match", "If-Match takes the record's version.", field="If-Match")
        return int(raw)

    def flag(self, name: str) -> bool:
        raw = self.request._request.GET.get(name)
        if raw not in (None, "true", "false", "1", "0"):
            raise Malformed("request.invalid_parameter", f"{name} is true or false.", field=name)
        return raw in ("true", "1")

    def answer(self, body: Any, status: int = 200) -> HttpResponse:
        return answer(body, status)

    def get_exception_handler(self) -> Any:
        from crm_core.api.errors import handle

        return handle

    def perform_content_negotiation(self, request: Any, force: bool = False) -> tuple[None, None]:
        return (None, None)

    def finalize_response(
        self, request: Any, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response["X-Product"] = settings.PRODUCT_NAME
        return response

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        raise exceptions.MethodNotAllowed(request.method)
