"""Operators for tests of the console, signed in with both factors."""

from __future__ import annotations

import re
import time

import pyotp
from django.test import Client

from tenants.context import activate, activate_public
from tenants.identity.models import User
from tenants.identity.second_factor import codes
from tenants.models import Tenant
from tenants.operator.models import Operator, Role
from tenants.operator.services import operators

PASSWORD = "correct horse battery"
HOST = "ops.localhost"
REASON = "asked for by phone, ticket 4711"


def make(email: str = "op@example.com", role: str = Role.OPERATOR) -> tuple[Operator, str]:
    """An operator whose authenticator is set up, and its secret."""
    with activate_public():
        made = operators.create(email, "Op", role, by="test", password=PASSWORD)
        secret = codes.begin(made.user)
        assert codes.confirm(made.user, code_of(secret, -1)) is not None
    return made, secret


def code_of(secret: str, steps: int = 0) -> str:
    """The code the app shows ``steps`` half minutes from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def password_given(email: str) -> Client:
    """A browser that gave the right password and nothing else."""
    client = Client(headers={"host": HOST})
    assert client.post("/login/", {"email": email, "password": PASSWORD}).status_code == 302
    return client


def signed_in(email: str = "op@example.com", role: str = Role.OPERATOR) -> Client:
    """A browser in which a new operator of ``role`` has signed in."""
    _operator, secret = make(email, role)
    client = password_given(email)
    answer = client.post("/login/code/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def facts(page: bytes) -> str:
    """The text of a page without its tags."""
    return re.sub(r"<[^>]+>", " ", page.decode())


# what is done to workspaces ------------------------------------------------------------------------------------------


def act(client: Client, tenant: Tenant, name: str, /, **values: object) -> int:
    """Perform an act on the console, with a reason unless another is given. Returns the status."""
    values = {"reason": REASON, **values}
    return client.post(f"/tenants/{tenant.pk}/acts/tenant.{name}/", values).status_code


def again(tenant: Tenant) -> Tenant:
    """The workspace as it is stored now."""
    with activate_public():
        return Tenant.objects.get(pk=tenant.pk)


def signed_in_member(tenant: Tenant, *, admin: bool = False) -> Client:
    """A browser in which a new member of Globex has signed in."""
    with activate(tenant):
        User.objects.create_user(f"pat{int(admin)}@example.com", PASSWORD, is_admin=admin)
        host = "globex.localhost"
    client = Client(headers={"host": host})
    answer = client.post("/login/", {"email": f"pat{int(admin)}@example.com", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether a member's browser is still signed in."""
    return client.get("/login/").status_code == 302
