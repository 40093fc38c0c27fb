"""Programs at the API: registered by administrators, looked after by everybody who let them in (PLT-63)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from crm_core.api.base import READ_METHODS
from crm_core.api.own_access import OwnAccessEndpoint
from crm_core.api.viewing import refuse_write
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit
from crm_core.security.models import SystemUser
from tenants.identity.models import OAuthApplication, OAuthGrant, User
from tenants.identity.oauth import applications, grants
from tenants.identity.oauth.redirects import MAX_URIS, is_registrable
from tenants.identity.oauth.scopes import READ, SCOPES, WRITE

FACTS = {"name", "publisher", "redirect_uris", "may_write", "service_user"}


class ApplicationsEndpointBase(OwnAccessEndpoint):
    """For administrators at a screen: whoever registers a program could choose whom it acts as."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.actor.is_administrator:
            raise Forbidden("privilege.missing", "Only administrators look after apps.")
        if request.method not in READ_METHODS and (self.actor is not self.own or self.own.reads_only):
            refuse_write()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return APIView.dispatch(self, request, *args, **kwargs)  # a kept answer would be a stored secret

    def application(self, identifier: str) -> OAuthApplication:
        rows = OAuthApplication.objects.select_for_update(of=("self",))
        found = rows.filter(pk=self.identifier(identifier)).first()
        if found is None:
            raise NotFound()
        return found

    def note(self, operation: str, application: OAuthApplication, **changes: list[Any]) -> None:
        """Into the audit: what an administrator did to a program."""
        audit.note(
            self.actor, "app", operation, {"name": [None, application.name], **changes}, application.pk
        )


class ApplicationsEndpoint(ApplicationsEndpointBase):
    """`GET /oauth_applications`; `POST {name, publisher?, redirect_uris?, may_write?, confidential, service_user?}` → 201,
    with `secret` for a confidential one, shown this once."""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": _applications(OAuthApplication.objects.order_by("name", "id"))})

    def post(self, request: Any) -> HttpResponse:
        body = self.body({*FACTS, "confidential"})
        confidential = body.get("confidential", True)
        if not isinstance(confidential, bool):
            raise Invalid("value.wrong_type", "confidential is true or false.", field="confidential")
        facts = _facts({"name": None, "redirect_uris": [], "may_write": False, **body}, confidential)
        if not facts["redirect_uris"] and facts.get("service_user") is None:
            raise Invalid("value.required", "An address to lead back to is needed.", field="redirect_uris")
        User.objects.select_for_update().get(pk=self.login.pk)
        if OAuthApplication.objects.count() >= applications.MAX_APPLICATIONS:
            raise Conflict("app.too_many", f"At most {applications.MAX_APPLICATIONS} apps.")
        made, secret = applications.register(self.login, is_confidential=confidential, **facts)
        self.note("create", made)
        (row,) = _applications(OAuthApplication.objects.filter(pk=made.pk))
        return self.answer({**row, "secret": secret}, 201)


class ApplicationEndpoint(ApplicationsEndpointBase):
    """`PATCH /oauth_applications/{id}` with some of the facts; `DELETE`: it and all access it was given end at once."""

    def patch(self, request: Any, application_id: str) -> HttpResponse:
        body = self.body(FACTS)
        found = self.application(application_id)
        facts = _facts(body, found.is_confidential)
        if not facts.get("redirect_uris", found.redirect_uris) and not facts.get(
            "service_user", found.service_user_id
        ):
            raise Invalid("value.required", "An address to lead back to is needed.", field="redirect_uris")
        before = {name: getattr(found, name) for name in facts if name != "service_user"}
        applications.change(found, **facts)
        changed = {n: [old, getattr(found, n)] for n, old in before.items() if old != getattr(found, n)}
        self.note("update", found, **changed)
        (row,) = _applications(OAuthApplication.objects.filter(pk=found.pk))
        return self.answer(row)

    def delete(self, request: Any, application_id: str) -> HttpResponse:
        found = self.application(application_id)
        self.note("delete", found)
        applications.remove(found)
        return self.answer(None, 204)


class ApplicationSecretEndpoint(ApplicationsEndpointBase):
    """`POST /oauth_applications/{id}/actions/rotate_secret` → `{secret, secret_prefix}`; the former one stops at once."""

    def post(self, request: Any, application_id: str) -> HttpResponse:
        self.body(set())
        found = self.application(application_id)
        if not found.is_confidential:
            raise Conflict("app.public", "This app has no secret.")
        secret = applications.rotate_secret(found)
        self.note("rotate_secret", found)
        return self.answer({"secret": secret, "secret_prefix": found.secret_prefix})


class OwnAppsEndpoint(OwnAccessEndpoint):
    """`GET /me/apps`: the programs that may act for me, the latest used first."""

    def get(self, request: Any) -> HttpResponse:
        uses = applications.uses(Q(user=self.login))
        known = OAuthApplication.objects.in_bulk([use["application_id"] for use in uses])
        rows = [
            {"id": str(app.pk), "name": app.name, "publisher": app.publisher, **_use(use)}
            for use in uses
            if (app := known.get(use["application_id"]))
        ]
        return self.answer({"rows": rows})


class OwnAppEndpoint(OwnAccessEndpoint):
    """`DELETE /me/apps/{id}`: it stops acting for me at once."""

    def delete(self, request: Any, application_id: str) -> HttpResponse:
        mine = OAuthGrant.objects.filter(user=self.login, application=self.identifier(application_id))
        if not grants.revoke(mine):
            raise NotFound()
        return self.answer(None, 204)


def _applications(rows: Any) -> list[dict[str, Any]]:
    """Programs as administrators see them, with who uses them; people are named as the CRM names them."""
    found = list(rows)
    uses = applications.uses(Q(application__in=[app.pk for app in found]))
    logins = {use["user_id"] for use in uses} | {app.service_user_id for app in found}
    logins |= {app.created_by_id for app in found}
    people = {
        login: {"id": str(pk), "name": name}
        for login, pk, name in SystemUser.objects.filter(login_id__in=logins - {None}).values_list(
            "login_id", "pk", "full_name"
        )
    }
    return [
        {
            "id": str(app.pk),
            "client_id": app.client_id,
            "name": app.name,
            "publisher": app.publisher,
            "redirect_uris": app.redirect_uris,
            "may_write": WRITE in app.scopes,
            "confidential": app.is_confidential,
            "secret_prefix": app.secret_prefix or None,
            "service_user": people.get(app.service_user_id),
            "created_by": people.get(app.created_by_id),
            "created_at": _instant(app.created_at),
            "users": [
                {"user": people.get(use["user_id"]), **_use(use)}
                for use in uses
                if use["application_id"] == app.pk
            ],
        }
        for app in found
    ]


def _use(use: dict[str, Any]) -> dict[str, Any]:
    return {
        "may_write": use["may_write"],
        "since": _instant(use["since"]),
        "last_used_at": _instant(use["last_used_at"]),
    }


def _facts(body: dict[str, Any], confidential: bool) -> dict[str, Any]:
    """What was sent, checked, as columns of the program. Raises Invalid with the field."""
    facts: dict[str, Any] = {}
    if "name" in body:
        facts["name"] = _text(body["name"], "name", required=True)
    if "publisher" in body:
        facts["publisher"] = _text(body["publisher"], "publisher", required=False)
    if "redirect_uris" in body:
        facts["redirect_uris"] = _uris(body["redirect_uris"])
    if "may_write" in body:
        if not isinstance(body["may_write"], bool):
            raise Invalid("value.wrong_type", "may_write is true or false.", field="may_write")
        facts["scopes"] = list(SCOPES) if body["may_write"] else [READ]
    if "service_user" in body:
        facts["service_user"] = _service_user(body["service_user"], confidential)
    return facts


def _text(value: Any, field: str, *, required: bool) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else None
    if (value is None or text == "") and not required:
        return ""
    if not text or len(text) > 100 or not text.isprintable():
        raise Invalid("value.invalid", "1 to 100 characters are needed.", field=field)
    return text


def _uris(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_URIS:
        raise Invalid("value.invalid", f"At most {MAX_URIS} addresses.", field="redirect_uris")
    for place, uri in enumerate(value):
        if not isinstance(uri, str) or not is_registrable(uri):
            raise Invalid(
                "app.redirect_uri",
                "An https address is needed, an http one of this device, or one of the app’s own (com.example.app:/…).",
                field=f"redirect_uris.{place}",
            )
    return list(dict.fromkeys(value))


def _service_user(value: Any, confidential: bool) -> User | None:
    if value is None:
        return None
    if not confidential:
        raise Invalid("app.public", "An app without a secret cannot act on its own.", field="service_user")
    identifier = as_uuid(value)
    person = (
        SystemUser.objects.filter(pk=identifier, state="active", deleted_at=None)
        .select_related("login")
        .first()
    )
    if identifier is None or person is None or person.login is None or not person.login.is_active:
        raise Invalid("value.unknown", "This person cannot sign in here.", field="service_user")
    return person.login


def _instant(value: Any) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None
