"""A person's own second factor: turned on and off by its owner alone, asked at each sign-in (PLT-41, SAAS.md A5)."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from crm_core.records.models import AuditEntry
from tenants import hosts, sealing
from tenants.identity import mail, throttle
from tenants.identity.models import IdentityMail, LoginThrottle, OneTimeToken, SecondFactor, Session, User
from tenants.identity.second_factor import codes
from tenants.identity.tokens import issue_one_time
from tests.api.conftest import OLD
from tests.api.test_own_access import Browser
from tests.api_client import person

WRONG = "000000"


@pytest.fixture(autouse=True)
def _fresh(settings: Any, time_machine: Any) -> None:
    time_machine.move_to("2026-11-23T10:00:10Z", tick=False)  # a step must not end between code and answer
    hosts.forget()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def code_of(secret: str, steps: int = 0) -> str:
    """The code the app shows ``steps`` half minutes from now."""
    return pyotp.TOTP(secret.replace(" ", "")).at(int(time.time()) + 30 * steps)


def turned_on(user: User) -> tuple[str, list[str]]:
    """Secret and recovery codes of ``user``'s second factor; the code of the step before this one is used."""
    secret = codes.begin(user)
    made = codes.confirm(user, code_of(secret, -1))
    assert made is not None
    return secret, made


def password_given(user: User, password: str = OLD) -> Client:
    """A browser that gave the right password and nothing else."""
    client = Client(headers={"host": "acme.localhost"})
    answer = client.post("/login/", {"email": user.email, "password": password, "next": "/accounts"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/code/")
    assert client.get("/api/v1/session").status_code == 401
    return client


def mails_of(user: User) -> list[str]:
    return list(
        IdentityMail.objects.filter(email=user.email).order_by("created_at").values_list("kind", flat=True)
    )


def test_it_is_turned_on_by_its_owner_and_asked_from_then_on(ada: User) -> None:
    here, phone = Browser(ada), Browser(ada)
    assert here.call("GET", "/me/second_factor").json() == {
        "on": False, "since": None, "recovery_codes_left": 0, "required": False,
    }  # fmt: skip
    begun = here.call("POST", "/me/second_factor/actions/begin", {"password": OLD}).json()
    assert begun["picture"].startswith("data:image/svg+xml")
    assert unquote(begun["address"]).startswith("otpauth://totp/") and "ada@example.com" in unquote(
        begun["address"]
    )
    assert not User.objects.get(pk=ada.pk).has_second_factor, "it counts for nothing before it is confirmed"
    code = code_of(begun["secret"])
    done = here.call(
        "POST", "/me/second_factor/actions/confirm", {"code": code}, **{"Idempotency-Key": "one"}
    ).json()
    assert done["ended"] == 1 and len(set(done["recovery_codes"])) == 10
    assert here.call("GET", "/session").status_code == 200
    assert phone.call("GET", "/session").status_code == 401
    kept = SecondFactor.objects.get(user=ada)
    secret = begun["secret"].replace(" ", "")
    assert secret not in kept.secret and sealing.unseal(kept.secret) == secret
    assert not set(done["recovery_codes"]) & set(kept.recovery_hashes), "only hashes are kept"
    state = here.call("GET", "/me/second_factor").json()
    assert state["on"] and state["since"] and state["recovery_codes_left"] == 10 and "secret" not in state
    again = here.call("POST", "/me/second_factor/actions/begin", {"password": OLD})
    assert (again.status_code, again.json()["code"]) == (409, "second_factor.on")
    assert mails_of(ada) == ["factor_on"]
    assert AuditEntry.objects.get(operation="second_factor_on").actor_name == "Ada"

    client = password_given(ada)
    assert client.post("/login/code/", {"code": code}).status_code == 422, "this code turned it on"
    answer = client.post("/login/code/", {"code": done["recovery_codes"][0].upper()})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts")
    assert client.get("/api/v1/session").status_code == 200
    row = Session.objects.filter(user_id=ada.pk).order_by("created_at").last()
    assert row is not None and row.expires_at > timezone.now() + timedelta(days=7), (
        "no longer only ten minutes"
    )
    assert mails_of(ada) == ["factor_on", "recovery_used"]
    assert password_given(ada).post("/login/code/", {"code": done["recovery_codes"][0]}).status_code == 422


def test_a_code_works_once_and_in_its_window(ada: User) -> None:
    secret, _made = turned_on(ada)
    for steps, status in ((-3, 422), (-1, 422), (0, 302), (0, 422), (3, 422), (1, 302)):
        LoginThrottle.objects.update(blocked_until=None)
        answer = password_given(ada).post("/login/code/", {"code": code_of(secret, steps)})
        assert answer.status_code == status, steps


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 400, "'; --", "\x00", "\ud800"]
)
def test_odd_codes_are_refused_on_page_and_api(ada: User, code: str) -> None:
    turned_on(ada)
    before = SecondFactor.objects.values().get()
    if code != "\ud800":  # no browser can send it
        client = password_given(ada)
        assert client.post("/login/code/", {"code": code}).status_code in (400, 422)
        assert client.get("/api/v1/session").status_code == 401
    answer = Browser(ada).call("POST", "/me/second_factor/actions/turn_off", {"password": OLD, "code": code})
    assert answer.status_code in (400, 422)
    assert SecondFactor.objects.values().get() == before


def test_guessing_locks_for_the_right_code_too_and_tells_the_owner(ada: User) -> None:
    secret, _made = turned_on(ada)
    client = password_given(ada)
    assert [client.post("/login/code/", {"code": f"{n:06}"}).status_code for n in range(4)] == [422] * 4
    assert client.post("/login/code/", {"code": code_of(secret)}).status_code == 429
    LoginThrottle.objects.update(failures=9, blocked_until=None)
    assert client.post("/login/code/", {"code": WRONG}).status_code == 422
    for guess in (code_of(secret), WRONG):
        answer = password_given(ada).post("/login/code/", {"code": guess})
        assert answer.status_code == 429 and int(answer["Retry-After"]) > 800
    page = Browser(ada)
    answer = page.call("POST", "/me/second_factor/actions/renew_codes", {"code": code_of(secret)})
    assert (answer.status_code, answer.json()["code"]) == (429, "second_factor.too_many_tries")
    assert int(answer["Retry-After"]) > 800
    assert mails_of(ada) == ["codes_locked"]
    noted = AuditEntry.objects.filter(operation__in=("code_refused", "codes_locked"))
    assert sorted(noted.values_list("operation", flat=True)) == ["code_refused"] * 5 + ["codes_locked"]


def test_nobody_locks_it_without_the_password(ada: User) -> None:
    turned_on(ada)
    for typed in (f"code:{ada.email}", str(ada.pk), throttle.code_key(ada.pk)):
        for _ in range(10):
            throttle.record_failure(typed, "203.0.113.9")
    assert not throttle.take_code_try(ada.pk, "203.0.113.10").wait


def test_the_half_signed_in_state_ends(ada: User, time_machine: Any) -> None:
    secret, made = turned_on(ada)
    changed = password_given(ada)
    ada.set_password("another-long-password-1")
    ada.save()
    answer = changed.post("/login/code/", {"code": made[0]})
    assert answer["Location"] == "/login/", "the password has changed since"
    ada.set_password(OLD)
    ada.save()
    late = password_given(ada)
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    answer = late.post("/login/code/", {"code": code_of(secret)})
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")
    assert late.get("/api/v1/session").status_code == 401


def test_links_lead_to_the_second_step_as_well(ada: User) -> None:
    _secret, made = turned_on(ada)
    client = Client(headers={"host": "acme.localhost"})
    link = issue_one_time(ada, OneTimeToken.Purpose.SIGN_IN)
    assert client.get(f"/enter/{link}/")["Location"] == "/login/code/"
    assert client.get("/api/v1/session").status_code == 401
    client = Client(headers={"host": "acme.localhost"})
    reset = issue_one_time(ada, OneTimeToken.Purpose.PASSWORD_RESET)
    path = client.get(f"/password/reset/{reset}/")["Location"]
    assert client.post(path, {"password": "quiet-meadow-73-stones"}).status_code == 200
    assert client.get("/api/v1/session").status_code == 401, "a forgotten password is not a way around"
    again = password_given(ada, "quiet-meadow-73-stones")
    assert again.post("/login/code/", {"code": made[3]}).status_code == 302


def test_new_codes_need_a_code_and_replace_the_old(ada: User) -> None:
    secret, made = turned_on(ada)
    here = Browser(ada)
    path = "/me/second_factor/actions/renew_codes"
    assert here.call("POST", path, {"code": WRONG}).json()["code"] == "second_factor.wrong_code"
    assert codes.recovery_codes_left(ada) == 10 and mails_of(ada) == []
    new = here.call("POST", path, {"code": code_of(secret)}).json()["recovery_codes"]
    assert len(set(new) - set(made)) == 10
    assert codes.verify(ada, made[0]) is None and codes.verify(ada, new[0]) == "recovery"
    assert mails_of(ada) == ["recovery_renewed"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "wrong", "code": "right"}, 422, "password.wrong"),
        ({"password": OLD, "code": WRONG}, 422, "second_factor.wrong_code"),
        ({"code": "right"}, 422, "value.required"),
        ({"password": OLD}, 422, "value.required"),
        ({"password": OLD, "code": 7}, 422, "value.wrong_type"),
    ],
)
def test_turning_it_off_needs_password_and_code(ada: User, body: Any, status: int, code: str) -> None:
    secret, _made = turned_on(ada)
    here, path = Browser(ada), "/me/second_factor/actions/turn_off"
    right = code_of(secret)
    body = {**body, "code": right} if body.get("code") == "right" else body
    answer = here.call("POST", path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert codes.confirmed(ada) is not None and mails_of(ada) == []
    LoginThrottle.objects.all().delete()
    answer = here.call("POST", path, {"password": OLD, "code": right})
    assert answer.json() == {"on": False, "since": None, "recovery_codes_left": 0, "required": False}
    assert not SecondFactor.objects.exists() and mails_of(ada) == ["factor_off"]
    client = Client(headers={"host": "acme.localhost"})
    assert client.post("/login/", {"email": ada.email, "password": OLD})["Location"] == "/"


def test_turning_it_on_needs_the_password_and_no_token_does_it(ada: User, workspace: Any) -> None:
    answer = Browser(ada).call("POST", "/me/second_factor/actions/begin", {"password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (422, "password.wrong")
    assert not SecondFactor.objects.exists()
    api = person(workspace, "bo@example.com", "salesperson", name="Bo")[1]
    for path in ("begin", "confirm", "renew_codes", "turn_off"):
        assert api.post(f"/me/second_factor/actions/{path}", {})[1]["code"] == "session.needed"
    assert not SecondFactor.objects.exists()


def test_the_mails_are_written(ada: User) -> None:
    from tenants.identity.second_factor import own

    secret, made = turned_on(ada)
    assert codes.verify(ada, made[0])
    for kind in ("factor_on", "factor_off", "recovery_renewed", "codes_locked"):
        own.tell(IdentityMail.Kind(kind), ada)
    own.tell(IdentityMail.Kind.RECOVERY_USED, ada, left="9")
    own.tell(IdentityMail.Kind.FACTOR_RESET, ada, by="Eve", reason="Phone <lost> at sea")
    assert mail.deliver_due() == 6
    text = "\n".join(str(message.body) for message in outbox.outbox)
    assert "Codes left: 9." in text and "Eve reset" in text and "Phone <lost> at sea" in text
    assert secret not in text and not any(code in text for code in made)
    html = str(outbox.outbox[-1].message())
    assert "Phone &lt;lost&gt; at sea" in html
    assert all(re.search(r"http://acme\.localhost\S*/password/forgot/", str(m.body)) for m in outbox.outbox)


def test_a_package_of_another_installation_leaves_the_codes_on_paper(ada: User, settings: Any) -> None:
    secret, made = turned_on(ada)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "a new key of fifty characters, made for this test",
        [],
    )
    assert codes.verify(ada, code_of(secret)) is None
    assert codes.verify(ada, made[0]) == "recovery"
