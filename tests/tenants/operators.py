"""Operators for tests of the console, signed in with both factors."""

from __future__ import annotations

import re
import time

import pyotp
from django.test import Client

from tenants.context import activate_public
from tenants.identity.second_factor import codes
from tenants.operator.models import Operator, Role
from tenants.operator.services import operators

PASSWORD = "correct horse battery"
HOST = "ops.localhost"


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
