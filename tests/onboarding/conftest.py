"""Fixtures of the way in: plans on sale, schemas in stock, and a browser without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.services.catalogue import sync_catalogue
from onboarding import forms
from onboarding.models import OutgoingMail, SignUp
from onboarding.services import signup as signups
from tenants import hosts, pool

PASSWORD = "correct horse battery staple"


@pytest.fixture
def plans(database: None) -> None:
    """The delivered catalogue; without the mails the prepared workspaces were greeted with."""
    sync_catalogue()
    OutgoingMail.objects.all().delete()


@pytest.fixture
def stock(plans: None) -> Callable[[int], None]:
    """Call with a number to put that many ready schemas in stock."""

    def add(count: int = 1) -> None:
        pool.fill(pool.ready_count() + count)

    return add


@pytest.fixture
def visitor(plans: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Client:
    """A visitor of the public site who types fast and is asked for no proof of work."""
    settings.KONTOR_SIGNUP_PROOF = "never"
    monkeypatch.setattr(forms, "LEAST_FILL_SECONDS", -1)
    return Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en-GB,en")


@pytest.fixture
def form(visitor: Client) -> dict[str, Any]:
    """A sign-up form filled in well."""
    return {
        "name": "Ada Alpha",
        "email": "ada@alpha.test",
        "company": "Alpha Ltd",
        "slug": "alpha",
        "country": "DE",
        "language": "en",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "plan": "professional",
        "terms": "on",
        "mark": forms.new_mark(),
    }


def mails(to: str, kind: str | None = None) -> list[OutgoingMail]:
    """Mails waiting for `to`, oldest first."""
    found = OutgoingMail.objects.filter(to=to).order_by("created_at")
    return list(found.filter(kind=kind) if kind else found)


def link_in(mail: OutgoingMail) -> str:
    """The path of the confirmation link in a mail."""
    found = re.search(r"http://[^/\s]+(/confirm/[\w-]+/)", mail.text)
    assert found, mail.text
    return found.group(1)


@pytest.fixture
def signed_up(visitor: Client, form: dict[str, Any]) -> SignUp:
    """A sign-up that waits for its confirmation."""
    answer = visitor.post("/signup/", form)
    assert answer.status_code == 303, answer.content.decode()
    return SignUp.objects.get(email=form["email"])


@pytest.fixture
def link(signed_up: SignUp) -> str:
    """Path of the link in the confirmation mail."""
    return link_in(mails(signed_up.email)[-1])


def expire(signup: SignUp) -> None:
    """Make the link of a sign-up a day old."""
    past = timezone.now() - signups.TOKEN_LIFETIME
    SignUp.objects.filter(pk=signup.pk).update(token_expires_at=past)


@pytest.fixture(autouse=True)
def _fresh_hosts() -> Any:
    """No test sees the tenant of another one that was rolled back."""
    yield
    hosts.forget()
