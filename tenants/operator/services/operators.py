"""Who operates: inviting, roles, switching off, a lost phone (ASP-1 Operator user)."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tenants.context import activate_public
from tenants.identity import mail_requests
from tenants.identity.models import IdentityMail, User
from tenants.identity.second_factor import own
from tenants.identity.sessions import revoke_user
from tenants.operator import audit
from tenants.operator.errors import Refused
from tenants.operator.models import Operator, Role


def create(
    email: str, name: str, role: str, *, by: str, password: str | None = None, language: str = "en"
) -> Operator:
    """A new operator; without ``password`` he gets a mail with a link to set one.

    Raises Refused ``operator.exists``.
    """
    with activate_public(), transaction.atomic():
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, password, full_name=name, is_operator=True)
        except IntegrityError:
            raise Refused(
                "operator.exists", _("There is an operator with this address."), field="email"
            ) from None
        made = Operator.objects.create(user=user, role=role)
        audit.record(by, "operator.created", operator=user.email, role=role)
        if password is None:
            mail_requests.request(IdentityMail.Kind.PASSWORD_RESET, user.email, language)
        return made


def change_role(operator: Operator, role: str, *, by: str, reason: str) -> None:
    """Give another role; takes effect with the next click. Raises Refused ``operator.last``."""
    with transaction.atomic():
        row = _locked(operator)
        if row.role == Role.OPERATOR and role != Role.OPERATOR:
            _require_another(row)
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        audit.record(by, "operator.role_changed", reason=reason, operator=row.email, before=before, role=role)


def switch(operator: Operator, active: bool, *, by: str, reason: str) -> None:
    """Let an operator in, or keep him out at once, ending his sessions. Raises Refused ``operator.last``."""
    with transaction.atomic():
        row = _locked(operator)
        if not active and row.role == Role.OPERATOR:
            _require_another(row)
        User.objects.filter(pk=row.pk).update(is_active=active)
        if not active:
            revoke_user(row.user)
        audit.record(
            by, "operator.enabled" if active else "operator.disabled", reason=reason, operator=row.email
        )


def reset_second_factor(operator: Operator, *, by: str, reason: str) -> None:
    """After a lost phone: sessions end, and the next sign-in sets up a new app. Whoever asks must be known."""
    with activate_public(), transaction.atomic():
        row = _locked(operator)
        own.reset(row.user, by=by, reason=reason)
        audit.record(by, "operator.second_factor_reset", reason=reason, operator=row.email)


def _locked(operator: Operator) -> Operator:
    return Operator.objects.select_for_update(of=("self",)).select_related("user").get(pk=operator.pk)


def _require_another(row: Operator) -> None:
    """The last one who may do everything stays. All of them are locked, so two cannot leave at once."""
    others = Operator.objects.select_for_update(of=("self",)).filter(role=Role.OPERATOR, user__is_active=True)
    if not any(other.pk != row.pk for other in others):
        raise Refused("operator.last", _("The last operator with all rights stays."))
