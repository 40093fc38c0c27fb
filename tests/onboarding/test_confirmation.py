"""From the mailed link to the own workspace: once, safely, and again after a failure (ASP-10.2, AC-01)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from onboarding import forms
from onboarding.models import Membership, SignUp
from onboarding.services import confirmation
from tenants import entitlements, provisioning, provisioning_steps
from tenants.context import activate
from tenants.identity.models import OneTimeToken, User
from tenants.models import Domain, PoolSchema, Provisioning, Tenant, TenantState
from tests.onboarding.conftest import PASSWORD, expire, link_in, mails
from tests.threads import at_once

Stock = Callable[..., None]


def alpha() -> Tenant:
    return Tenant.objects.get(domains__slug="alpha")


def test_opening_the_link_changes_nothing(visitor: Client, signed_up: SignUp, link: str) -> None:
    for method in ("get", "head", "get"):
        assert getattr(visitor, method)(link).status_code == 200
    signed_up.refresh_from_db()
    assert signed_up.state == SignUp.State.PENDING
    assert not Provisioning.objects.filter(slug="alpha").exists()


def test_the_page_behind_the_link_tells_its_address_to_nobody(visitor: Client, link: str) -> None:
    answer = visitor.get(link)
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_the_button_leads_into_the_own_workspace(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    before = timezone.now()
    answer = visitor.post(link, {"password": PASSWORD})
    assert answer.status_code == 303
    door = urlsplit(answer["Location"])
    assert door.hostname == "alpha.localhost" and door.path.startswith("/enter/")

    tenant = alpha()
    assert tenant.state == TenantState.TRIALING
    assert abs(tenant.trial_ends_at - (before + timedelta(days=30))) < timedelta(minutes=1)
    assert (tenant.name, tenant.country, tenant.currency, tenant.language) == ("Alpha Ltd", "DE", "EUR", "en")
    assert (tenant.plan_code, entitlements.limit(tenant, "users")) == ("professional", 25)
    with activate(tenant):
        (owner,) = User.objects.all()
        assert owner.email == "ada@alpha.test" and owner.is_admin and owner.check_password(PASSWORD)

    inside = Client(SERVER_NAME="alpha.localhost")
    entered = inside.get(door.path)
    assert entered.status_code == 302 and entered["Location"] == "/"
    assert inside.get("/login/").status_code == 302  # signed in already


def test_the_door_opens_once(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    door = urlsplit(visitor.post(link, {"password": PASSWORD})["Location"]).path
    Client(SERVER_NAME="alpha.localhost").get(door)
    stranger = Client(SERVER_NAME="alpha.localhost")
    assert "/login/" in stranger.get(door)["Location"]
    assert stranger.get("/login/").status_code == 200


def test_the_door_closes_after_a_minute(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    door = urlsplit(visitor.post(link, {"password": PASSWORD})["Location"]).path
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        late = Client(SERVER_NAME="alpha.localhost")
        assert "/login/" in late.get(door)["Location"]


def test_the_door_does_not_open_another_workspace(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    door = urlsplit(visitor.post(link, {"password": PASSWORD})["Location"]).path
    assert "/login/" in Client(SERVER_NAME="acme.localhost").get(door)["Location"]
    assert Client(SERVER_NAME="alpha.localhost").get(door)["Location"] == "/"


def test_a_second_click_on_the_link_lands_safely(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    stranger = Client(SERVER_NAME="localhost")
    page = stranger.get(link)
    assert page.status_code == 200
    assert (
        'data-code="link.used"' in page.content.decode() and "http://alpha.localhost" in page.content.decode()
    )


def test_pressing_the_button_twice_gives_one_workspace(visitor: Client, link: str, stock: Stock) -> None:
    stock(2)
    visitor.post(link, {"password": PASSWORD})
    again = Client(SERVER_NAME="localhost").post(link, {"password": PASSWORD})
    assert again.status_code == 303 and "/setup/" in again["Location"]
    assert Tenant.objects.filter(owner_email="ada@alpha.test").count() == 1
    assert PoolSchema.objects.filter(state=PoolSchema.State.READY).count() >= 1


def test_a_used_link_with_another_password_is_refused(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    answer = Client(SERVER_NAME="localhost").post(link, {"password": "something else entirely"})
    assert 'data-code="link.used"' in answer.content.decode()
    with activate(alpha()):
        assert User.objects.get().check_password(PASSWORD)


def test_an_expired_link_offers_a_new_one(visitor: Client, signed_up: SignUp, link: str) -> None:
    expire(signed_up)
    page = visitor.get(link)
    assert page.status_code == 410 and 'data-code="link.expired"' in page.content.decode()
    assert visitor.post(link, {"password": PASSWORD}).status_code == 410
    assert not Provisioning.objects.filter(slug="alpha").exists()
    key = page.content.decode().partition('name="k" value="')[2].partition('"')[0]
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        visitor.post("/signup/sent/", {"k": key})
    fresh = link_in(mails(signed_up.email)[-1])
    assert fresh != link and visitor.get(fresh).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "..%2f..", "%00", "é"])
def test_links_that_never_were(visitor: Client, token: str) -> None:
    assert visitor.get(f"/confirm/{token}/").status_code in (400, 404)
    assert visitor.post(f"/confirm/{token}/", {"password": PASSWORD}).status_code in (400, 404)


@pytest.mark.parametrize(
    "password", ["", "short", "1234567890", "ada@alpha.test", "password1234", "a" * 1025]
)
def test_weak_passwords_are_refused_at_their_field(
    visitor: Client, signed_up: SignUp, link: str, password: str
) -> None:
    answer = visitor.post(link, {"password": password})
    assert answer.status_code == 422 and 'id="error_password"' in answer.content.decode()
    assert password == "" or f'value="{password}"' not in answer.content.decode().replace(
        'value="ada@alpha.test"', ""
    )
    signed_up.refresh_from_db()
    assert signed_up.state == SignUp.State.PENDING


def test_a_name_taken_meanwhile_is_asked_for_again(
    visitor: Client, signed_up: SignUp, link: str, stock: Stock
) -> None:
    stock()
    Provisioning.objects.create(idempotency_key="faster", slug="alpha", request_data={})
    page = visitor.get(link).content.decode()
    assert 'name="slug" value="alpha-crm"' in page
    refused = visitor.post(link, {"password": PASSWORD})
    assert refused.status_code == 422 and 'data-code="tenant.name_taken"' in refused.content.decode()
    answer = visitor.post(link, {"password": PASSWORD, "slug": "alpha-north"})
    assert urlsplit(answer["Location"]).hostname == "alpha-north.localhost"


def test_without_stock_the_page_shows_the_steps_and_survives_reloads(
    visitor: Client, signed_up: SignUp, link: str, stock: Stock
) -> None:
    PoolSchema.objects.filter(state=PoolSchema.State.READY).delete()
    waiting = visitor.post(link, {"password": PASSWORD})["Location"]
    assert waiting == f"/setup/{signed_up.pk}/"
    for _ in range(2):
        page = visitor.get(waiting)
        assert page.status_code == 200 and 'data-state="running" data-step="claimed"' in page.content.decode()
    status = visitor.get(f"{waiting}status/").json()
    assert status["state"] == "running"
    assert [s["name"] for s in status["steps"]] == provisioning.step_names()

    stock()
    provisioning.provision(SignUp.objects.get(pk=signed_up.pk).provisioning_id)
    assert visitor.get(f"{waiting}status/").json()["state"] == "done"
    door = visitor.get(waiting)
    assert urlsplit(door["Location"]).hostname == "alpha.localhost" and "/enter/" in door["Location"]
    once_more = visitor.get(waiting)
    assert once_more.status_code == 200 and "http://alpha.localhost" in once_more.content.decode()


def test_the_waiting_page_lets_no_other_browser_in(
    visitor: Client, signed_up: SignUp, link: str, stock: Stock
) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    SignUp.objects.update(handed_over_at=None)
    answer = Client(SERVER_NAME="localhost").get(f"/setup/{signed_up.pk}/")
    assert answer.status_code == 200 and "/enter/" not in answer.content.decode()


def test_a_failing_step_can_be_tried_again_and_leaves_no_half_workspace(
    visitor: Client, signed_up: SignUp, link: str, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock()

    def fails(*_: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setitem(
        provisioning_steps._registered, "plan", provisioning.RegisteredStep("plan", fails, 50)
    )
    waiting = visitor.post(link, {"password": PASSWORD})["Location"]
    page = visitor.get(waiting)
    assert page.status_code == 200
    assert (
        'data-state="failed" data-step="plan"' in page.content.decode()
        and "disk full" not in page.content.decode()
    )
    assert Client(SERVER_NAME="alpha.localhost").get("/").status_code == 503

    monkeypatch.undo()
    assert visitor.post(waiting).status_code == 303
    assert urlsplit(visitor.get(waiting)["Location"]).hostname == "alpha.localhost"
    assert Tenant.objects.filter(owner_email="ada@alpha.test").count() == 1


def test_waiting_pages_of_nobody(visitor: Client, signed_up: SignUp) -> None:
    assert visitor.get(f"/setup/{signed_up.pk}/").status_code == 404  # not confirmed yet
    assert visitor.get("/setup/0198a2b0-0000-7000-8000-000000000000/").status_code == 404
    assert visitor.get("/setup/x/").status_code == 404


def test_the_new_workspace_is_found_by_mail_and_welcomed(visitor: Client, link: str, stock: Stock) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    assert Membership.objects.get(email="ada@alpha.test").tenant == alpha()
    (welcome,) = mails("ada@alpha.test", "welcome")
    assert "http://alpha.localhost" in welcome.text


def test_the_same_name_again_is_taken(visitor: Client, form: dict[str, Any], link: str, stock: Stock) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    answer = visitor.post(
        "/signup/",
        {**form, "email": "eve@beta.test", "mark": forms.new_mark()},
        headers={"accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "tenant.name_taken")


def test_the_password_is_stored_nowhere_but_in_the_workspace(
    visitor: Client, link: str, stock: Stock
) -> None:
    stock()
    visitor.post(link, {"password": PASSWORD})
    wish = Provisioning.objects.get(slug="alpha")
    assert "password_hash" not in wish.request_data and PASSWORD not in str(wish.request_data)


def test_a_link_in_the_wrong_host_is_nothing(visitor: Client, link: str) -> None:
    for host in ("acme.localhost", "evil.example", "ops.localhost"):
        answer = Client(SERVER_NAME=host).post(link, {"password": PASSWORD})
        assert answer.status_code in (404, 405, 302), host
        assert not Provisioning.objects.filter(slug="alpha").exists()


def test_addresses_in_mails_ignore_the_host_header(
    plans: None, form: dict[str, Any], visitor: Client
) -> None:
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    visitor.post("/signup/", form, headers=headers)
    (mail,) = mails(form["email"])
    assert "evil.example" not in mail.text + mail.html


@pytest.mark.real_commit
def test_two_threads_press_the_button_at_once(committed_database: None) -> None:
    """One workspace, one schema used, and both answers lead to it."""
    from billing.services.catalogue import sync_catalogue
    from tenants import pool

    sync_catalogue()
    pool.fill(2)
    token = "t" * 43
    signup = SignUp.objects.create(
        submission_key="threads", name="Ada", email="ada@alpha.test", person_key="ada@alpha.test", company="Alpha",
        slug="alpha", country="DE", language="en", currency="EUR", time_zone="UTC", plan_code="starter",
        token_hash=confirmation.signups.token_hash(token), token_expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip

    def press() -> Any:
        return Client(SERVER_NAME="localhost").post(f"/confirm/{token}/", {"password": PASSWORD})

    answers = at_once([press] * 4)
    assert [answer.status_code for answer in answers] == [303] * 4
    assert Tenant.objects.filter(owner_email="ada@alpha.test").count() == 1
    assert Domain.objects.filter(slug="alpha").count() == 1
    assert (
        PoolSchema.objects.filter(state=PoolSchema.State.CLAIMED, provisioning_id__isnull=False)
        .filter(provisioning_id=SignUp.objects.get(pk=signup.pk).provisioning_id)
        .count()
        == 1
    )
    assert sum("/enter/" in answer["Location"] for answer in answers) == 1
    with activate(alpha()):
        assert OneTimeToken.objects.count() == 1


@pytest.mark.real_commit
def test_two_threads_submit_the_same_form(committed_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing.services.catalogue import sync_catalogue

    sync_catalogue()
    monkeypatch.setattr(forms, "LEAST_FILL_SECONDS", -1)
    values = {
        "name": "Ada", "email": "ada@alpha.test", "company": "Alpha", "slug": "alpha", "country": "DE",
        "language": "en", "plan": "starter", "terms": "on", "mark": forms.new_mark(),
    }  # fmt: skip

    def send() -> int:
        return Client(SERVER_NAME="localhost").post("/signup/", values).status_code

    answers = at_once([send] * 4)
    assert answers == [303] * 4
    assert SignUp.objects.count() == 1
    assert len(mails("ada@alpha.test")) == 1
