"""How operators sign in: never without a second factor, and every step is in their audit (ASP-1, A5)."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from tenants.context import in_public
from tenants.identity.clients import client_address
from tenants.identity.models import User
from tenants.identity.second_factor import rules
from tenants.operator import audit
from tenants.operator.access import mark_session
from tenants.operator.models import Operator

#: What happened to a second factor → the act in the operators' audit.
_ACTS = {
    rules.ON: "operator.second_factor_set_up",
    rules.RENEWED: "operator.recovery_codes_renewed",
    rules.RECOVERY_USED: "operator.recovery_code_used",
    rules.REFUSED: "operator.code_refused",
    rules.LOCKED: "operator.locked",
}


class OperatorsAlways:
    """MFA is compulsory for operators (ASP-1)."""

    def noted(self, users: Any) -> Any:
        return users

    def needs(self, user: User) -> bool:
        return in_public()


@receiver(rules.given, dispatch_uid="operator.sign_in.given")
def signed_in(sender: Any, request: HttpRequest, user: User, how: str, **_kwargs: Any) -> None:
    """Note in the fresh session that both factors were given. A login without a role may only look."""
    if not in_public():
        return
    Operator.objects.get_or_create(user=user)
    mark_session(request)
    audit.record(user.email, "operator.signed_in", how=how, address=client_address(request))


@receiver(rules.changed, dispatch_uid="operator.sign_in.changed")
def noted(sender: Any, user: User, what: str, address: str, **_kwargs: Any) -> None:
    """Write down what happened to an operator's second factor."""
    if in_public() and what in _ACTS:
        audit.record(user.email, _ACTS[what], address=address)


def register() -> None:
    """Told to the sign-in pages once the apps are ready."""
    rules.register(OperatorsAlways())
