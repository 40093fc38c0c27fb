"""A person's own second factor, and what administrators ask of all (PLT-41, SAAS.md A5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from crm_core.api.base import Endpoint
from crm_core.api.errors import error_answer
from crm_core.api.own_access import OwnAccessEndpoint, instant, text
from crm_core.records import second_factors
from tenants.identity.second_factor import own
from tenants.identity.second_factor.own import FactorRefused


class _FactorEndpoint(OwnAccessEndpoint):
    """Base: no secret is kept for a repeated request, and no count of failed tries is rolled back."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return APIView.dispatch(self, request, *args, **kwargs)

    def told(self, act: Callable[[], Any]) -> HttpResponse:
        """What `act()` gives. A refusal is answered, not raised: the failed try must stay counted."""
        try:
            return self.answer(act())
        except FactorRefused as refused:
            response = error_answer(refused.status, refused.code, refused.message, field=refused.field)
            if refused.retry_after:
                response["Retry-After"] = str(refused.retry_after)
            return response

    def state(self) -> dict[str, Any]:
        found = own.state(self.login)
        return {**found, "since": instant(found["since"])}


class OwnFactorEndpoint(_FactorEndpoint):
    """`GET /me/second_factor` → `{on, since, recovery_codes_left, required}`"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(self.state())


class OwnFactorBeginEndpoint(_FactorEndpoint):
    """`POST …/actions/begin {password}` → `{secret, address, picture}`: counts for nothing until it is confirmed."""

    def post(self, request: Any) -> HttpResponse:
        password = _password(self.body({"password"}))
        return self.told(lambda: own.begin(request._request, self.login, password))


class OwnFactorConfirmEndpoint(_FactorEndpoint):
    """`POST …/actions/confirm {code}` → `{recovery_codes, ended}`: on, and the codes are shown this once."""

    def post(self, request: Any) -> HttpResponse:
        code = _code(self.body({"code"}))

        def act() -> dict[str, Any]:
            codes, ended = own.turn_on(request._request, self.login, code)
            return {"recovery_codes": codes, "ended": ended}

        return self.told(act)


class OwnFactorRenewEndpoint(_FactorEndpoint):
    """`POST …/actions/renew_codes {code}` → `{recovery_codes}`; the former ones no longer work."""

    def post(self, request: Any) -> HttpResponse:
        code = _code(self.body({"code"}))
        return self.told(lambda: {"recovery_codes": own.renew_codes(request._request, self.login, code)})


class OwnFactorOffEndpoint(_FactorEndpoint):
    """`POST …/actions/turn_off {password, code}` → the state, as GET gives it."""

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"password", "code"})
        password, code = _password(body), _code(body)

        def act() -> dict[str, Any]:
            own.turn_off(request._request, self.login, password, code)
            return self.state()

        return self.told(act)


def _code(body: dict[str, Any]) -> str:
    return text(body, "code")[:40]


def _password(body: dict[str, Any]) -> str:
    return text(body, "password")


class FactorsEndpoint(Endpoint):
    """`GET /second_factors` → `{required, roles, users: {id: since}}`; `PATCH {required, roles?}`, administrators"""

    def get(self, request: Any) -> HttpResponse:
        found = second_factors.listed(self.actor)
        return self.answer({**found, "users": {str(k): instant(v) for k, v in found["users"].items()}})

    def patch(self, request: Any) -> HttpResponse:
        second_factors.change(self.body({"required", "roles"}), self.actor)
        return self.get(request)


class FactorResetEndpoint(Endpoint):
    """`POST /second_factors/{user}/actions/reset {reason}` → `{ended}`, the number of sessions that ended"""

    #: Also where nothing may be changed people must be able to come in.
    reads = True

    def post(self, request: Any, user_id: str) -> HttpResponse:
        reason = text(self.body({"reason"}), "reason")
        return self.answer({"ended": second_factors.reset(self.identifier(user_id), reason, self.actor)})
