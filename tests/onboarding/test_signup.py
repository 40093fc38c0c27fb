"""Sign-up: every refusal with its code at its field, one answer for every address (ASP-10.1, ASP-10.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from onboarding import forms
from onboarding.models import LegalAcceptance, OutgoingMail, SignUp
from onboarding.services import signup as signups
from tenants.models import Domain, Provisioning, Tenant
from tests.onboarding.conftest import mails


def refused(visitor: Client, form: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Post the form with changes as a program would; the refusal as JSON."""
    values = {key: value for key, value in {**form, **changed}.items() if value is not None}
    answer = visitor.post("/signup/", values, headers={"accept": "application/json"})
    assert answer.status_code == 422, answer.content.decode()
    assert not SignUp.objects.exists() and not OutgoingMail.objects.exists()
    return answer.json()


def codes(body: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in body["details"]["errors"]}


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("www", "tenant.name_reserved"),
        ("admin", "tenant.name_reserved"),
        ("kontor", "tenant.name_reserved"),
        ("k0nt0r", "tenant.name_reserved"),
        ("paypa1", "tenant.name_reserved"),
        ("ab", "tenant.name_invalid"),
        ("a" * 31, "tenant.name_invalid"),
        ("a" * 61, "max_length"),
        ("-alpha", "tenant.name_invalid"),
        ("al--pha", "tenant.name_invalid"),
        ("al pha", "tenant.name_invalid"),
        ("12345", "tenant.name_invalid"),
        ("аlpha", "tenant.name_invalid"),  # begins with a Cyrillic letter
        ("alpha.beta", "tenant.name_invalid"),
        ("al/../pha", "tenant.name_invalid"),
        ("<b>alpha", "tenant.name_invalid"),
    ],
)
def test_names_that_cannot_be_used(visitor: Client, form: dict[str, Any], slug: str, code: str) -> None:
    assert codes(refused(visitor, form, slug=slug)) == {"slug": code}


def test_a_name_of_a_workspace_is_taken(visitor: Client, form: dict[str, Any]) -> None:
    body = refused(visitor, form, slug="Acme")
    assert body["code"] == "tenant.name_taken" and body["field"] == "slug"


def test_a_name_given_up_lately_is_taken(visitor: Client, form: dict[str, Any]) -> None:
    until = timezone.now() + timedelta(days=10)
    Domain.objects.filter(slug="acme").update(tombstone_until=until, is_primary=False)
    assert codes(refused(visitor, form, slug="acme")) == {"slug": "tenant.name_taken"}


def test_a_name_held_by_a_workspace_in_preparation_is_taken(visitor: Client, form: dict[str, Any]) -> None:
    Provisioning.objects.create(idempotency_key="x", slug="alpha", request_data={})
    assert codes(refused(visitor, form)) == {"slug": "tenant.name_taken"}


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "required"),
        ("ada", "email.invalid"),
        ("ada@", "email.invalid"),
        ("ada@alpha", "email.invalid"),
        ("ada@alpha.test\nBcc: eve@evil.test", "email.invalid"),
        ("ada@al pha.test", "email.invalid"),
        (f"{'a' * 250}@alpha.test", "max_length"),
        ("ada@mailinator.com", "email.disposable"),
        ("ada@Sub.Mailinator.com", "email.disposable"),
    ],
)
def test_addresses_that_cannot_be_used(visitor: Client, form: dict[str, Any], email: str, code: str) -> None:
    assert codes(refused(visitor, form, email=email)) == {"email": code}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", " \t ", "required"),
        ("name", "a\0b", "null_characters_not_allowed"),
        ("name", "a" * 121, "max_length"),
        ("company", "", "required"),
        ("company", "\u200b\u202e", "required"),
        ("country", "XX", "invalid_choice"),
        ("country", None, "required"),
        ("language", "tlh", "invalid_choice"),
        ("currency", "DOGE", "invalid_choice"),
        ("time_zone", "Mars/Olympus", "invalid_choice"),
        ("plan", "gold", "invalid_choice"),
        ("plan", None, "required"),
        ("terms", None, "required"),
    ],
)
def test_other_fields_are_checked(
    visitor: Client, form: dict[str, Any], field: str, value: Any, code: str
) -> None:
    answer = codes_or_bad_request(visitor, form, field, value)
    assert answer in ({field: code}, "400")


def codes_or_bad_request(visitor: Client, form: dict[str, Any], field: str, value: Any) -> Any:
    """NUL bytes are refused for the whole request before any form sees them."""
    if isinstance(value, str) and "\0" in value:
        answer = visitor.post("/signup/", {**form, field: value}, headers={"accept": "application/json"})
        assert answer.status_code in (400, 422)
        assert not SignUp.objects.exists()
        return "400"
    return codes(refused(visitor, form, **{field: value}))


def test_errors_stand_at_their_field_and_input_is_kept(visitor: Client, form: dict[str, Any]) -> None:
    answer = visitor.post("/signup/", {**form, "slug": "www", "company": 'A "quoted" <company>'})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'data-code="tenant.name_reserved"' in page
    assert 'aria-describedby="error_slug"' in page and 'id="error_slug"' in page
    assert "A &quot;quoted&quot; &lt;company&gt;" in page
    assert 'value="ada@alpha.test"' in page
    assert f'value="{form["mark"]}"' in page


def test_a_good_form_stores_what_was_accepted_and_sends_one_link(signed_up: SignUp) -> None:
    assert (signed_up.slug, signed_up.country, signed_up.plan_code) == ("alpha", "DE", "professional")
    accepted = {row.document: row for row in LegalAcceptance.objects.filter(signup=signed_up)}
    assert {code: row.version for code, row in accepted.items()} == {
        "terms": "2026-11-01",
        "dpa": "2026-11-22",
        "privacy": "2026-11-01",
    }
    assert all(row.ip == "127.0.0.1" and row.accepted_at for row in accepted.values())
    (mail,) = mails(signed_up.email)
    assert mail.kind == "confirm"
    token = mail.text.partition("/confirm/")[2].partition("/")[0]
    assert len(token) >= 43
    assert signed_up.token_hash == signups.token_hash(token) and token not in signed_up.token_hash
    assert token in mail.html


def test_nothing_is_provisioned_before_the_confirmation(signed_up: SignUp) -> None:
    assert not Provisioning.objects.filter(slug=signed_up.slug).exists()
    assert not Tenant.objects.filter(owner_email=signed_up.email).exists()


def test_what_is_left_open_comes_from_country_and_company(visitor: Client, form: dict[str, Any]) -> None:
    form |= {"slug": "", "currency": "", "time_zone": "", "country": "CH", "company": "Größe & Söhne AG"}
    assert visitor.post("/signup/", form).status_code == 303
    made = SignUp.objects.get()
    assert (made.slug, made.currency, made.time_zone) == ("groesse-soehne", "CHF", "Europe/Zurich")


def test_a_derived_name_that_is_taken_gets_a_number(visitor: Client, form: dict[str, Any]) -> None:
    assert visitor.post("/signup/", {**form, "slug": "", "company": "ACME Inc."}).status_code == 303
    assert SignUp.objects.get().slug == "acme-crm"


def test_the_same_form_twice_is_one_sign_up_and_one_mail(visitor: Client, form: dict[str, Any]) -> None:
    first, second = visitor.post("/signup/", form), visitor.post("/signup/", form)
    assert first.status_code == second.status_code == 303
    assert SignUp.objects.count() == OutgoingMail.objects.count() == 1


def test_a_corrected_address_after_going_back_is_a_new_sign_up(visitor: Client, form: dict[str, Any]) -> None:
    visitor.post("/signup/", {**form, "email": "ade@alpha.test"})
    visitor.post("/signup/", form)
    assert len(mails("ada@alpha.test")) == 1


def test_known_and_unknown_addresses_see_the_same_page(visitor: Client, form: dict[str, Any]) -> None:
    acme = Tenant.objects.get(domains__slug="acme")
    signups.remember_member("known@acme.test", acme)
    pages = []
    for email in ("known@acme.test", "ada@alpha.test"):
        answer = visitor.post("/signup/", {**form, "email": email, "mark": forms.new_mark()}, follow=True)
        pages.append((answer.status_code, _without_secrets(answer.content.decode(), email)))
    assert pages[0] == pages[1]
    (mail,) = mails("known@acme.test")
    assert mail.kind == "confirm_known" and "http://acme.localhost" in mail.text


def _without_secrets(page: str, email: str) -> str:
    import re

    page = re.sub(r'name="(k|csrfmiddlewaretoken)" value="[^"]*"', "", page)
    return re.sub(r"\?k=[^\"&]*", "", page).replace(email, "ADDRESS")


def _confirmed_trials(email: str, count: int, days_ago: int) -> None:
    when = timezone.now() - timedelta(days=days_ago)
    for number in range(count):
        SignUp.objects.create(
            submission_key=f"old-{days_ago}-{number}", state=SignUp.State.CONFIRMED, name="A", email=email,
            person_key=signups.person_key(email), company="A", slug=f"old{number}", country="DE", language="en",
            currency="EUR", time_zone="UTC", plan_code="starter", token_hash=f"{days_ago}-{number}",
            token_expires_at=when, confirmed_at=when,
        )  # fmt: skip


def test_a_fourth_trial_in_30_days_is_refused_by_mail_only(visitor: Client, form: dict[str, Any]) -> None:
    _confirmed_trials("ada@alpha.test", 3, days_ago=29)
    answer = visitor.post("/signup/", {**form, "email": "Ada+new@alpha.test"}, follow=True)
    assert answer.status_code == 200 and "Check your mail" in answer.content.decode()
    assert SignUp.objects.filter(state=SignUp.State.PENDING).count() == 0
    (mail,) = mails("ada+new@alpha.test")
    assert mail.kind == "trial_limit" and "/confirm/" not in mail.text


def test_trials_of_last_month_do_not_count(visitor: Client, form: dict[str, Any]) -> None:
    _confirmed_trials("ada@alpha.test", 3, days_ago=31)
    visitor.post("/signup/", form)
    assert SignUp.objects.filter(state=SignUp.State.PENDING).count() == 1


def test_a_filled_trap_sees_the_usual_page_and_leaves_nothing(visitor: Client, form: dict[str, Any]) -> None:
    answer = visitor.post("/signup/", {**form, "website": "http://spam.example"}, follow=True)
    assert "Check your mail" in answer.content.decode()
    assert not SignUp.objects.exists() and not OutgoingMail.objects.exists()


@pytest.mark.parametrize("mark", ["", "forged", None])
def test_a_form_without_our_mark_is_shown_again(
    visitor: Client, form: dict[str, Any], mark: str | None
) -> None:
    assert refused(visitor, form, mark=mark)["code"] == "form.expired"


def test_a_form_older_than_twelve_hours_is_shown_again(visitor: Client, form: dict[str, Any]) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert refused(visitor, form)["code"] == "form.expired"


def test_a_form_sent_faster_than_a_person_types_is_shown_again(
    visitor: Client, form: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "LEAST_FILL_SECONDS", 30)
    assert refused(visitor, form)["code"] == "form.too_fast"


def test_one_network_signs_up_only_so_often(visitor: Client, form: dict[str, Any]) -> None:
    for number in range(20):
        values = {**form, "email": f"a{number}@alpha.test", "mark": forms.new_mark()}
        assert visitor.post("/signup/", values).status_code == 303
    answer = visitor.post(
        "/signup/", {**form, "mark": forms.new_mark()}, headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "rate.exceeded")
    assert 3500 < int(answer["Retry-After"]) <= 3600


def test_one_address_gets_only_so_many_mails(visitor: Client, form: dict[str, Any]) -> None:
    for number in range(8):
        visitor.post("/signup/", {**form, "slug": f"alpha{number}x", "mark": forms.new_mark()})
    assert len(mails("ada@alpha.test")) == 5


def test_send_again_waits_a_minute_and_replaces_the_link(visitor: Client, form: dict[str, Any]) -> None:
    sent = visitor.post("/signup/", form)["Location"]
    key = sent.partition("k=")[2]
    assert visitor.post("/signup/sent/", {"k": key}).status_code == 303
    assert len(mails("ada@alpha.test")) == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        visitor.post("/signup/sent/", {"k": key})
    old, new = mails("ada@alpha.test")
    assert old.text != new.text
    first = old.text.partition("/confirm/")[2].partition("/")[0]
    assert visitor.get(f"/confirm/{first}/").status_code == 404


def test_a_forged_send_again_leads_back_to_the_form(visitor: Client) -> None:
    assert visitor.post("/signup/sent/", {"k": "forged"})["Location"] == "/signup/"


def test_sign_ups_nobody_confirms_are_deleted_after_30_days(signed_up: SignUp) -> None:
    assert signups.purge_unconfirmed() == 0
    assert signups.purge_unconfirmed(timezone.now() + timedelta(days=31)) == 1
    assert not LegalAcceptance.objects.exists()


@pytest.mark.parametrize(
    ("query", "available", "code"),
    [
        ({"name": "alpha"}, True, None),
        ({"name": "acme"}, False, "tenant.name_taken"),
        ({"name": "www"}, False, "tenant.name_reserved"),
        ({"name": "a"}, False, "tenant.name_invalid"),
        ({}, False, "tenant.name_invalid"),
        ({"name": "x" * 5000}, False, "tenant.name_invalid"),
    ],
)
def test_the_live_check(visitor: Client, query: dict[str, str], available: bool, code: str | None) -> None:
    answer = visitor.get("/signup/name/", query).json()
    assert (answer["available"], answer["code"]) == (available, code)


@pytest.mark.parametrize(
    ("company", "name"),
    [
        ("Nordlicht Segel GmbH & Co. KG", "nordlicht-segel"),
        ("Müller AG", "mueller"),
        ("Café Ñandú", "cafe-nandu"),
        ("A", "a-crm"),
        ("Google Partners", "google-partners"),
        ("ООО", ""),
        ("x" * 200, "x" * 27),
    ],
)
def test_names_suggested_for_companies(visitor: Client, company: str, name: str) -> None:
    answer = visitor.get("/signup/name/", {"company": company}).json()
    assert answer["name"] == name


def test_the_live_check_is_limited(visitor: Client) -> None:
    statuses = {visitor.get("/signup/name/", {"name": "alpha"}).status_code for _ in range(125)}
    assert statuses == {200, 429}


def test_what_is_usual_in_a_country(visitor: Client) -> None:
    assert visitor.get("/signup/country/", {"code": "SE"}).json() == {
        "currency": "SEK",
        "language": "sv",
        "time_zone": "Europe/Stockholm",
    }
    assert visitor.get("/signup/country/", {"code": "<>"}).json()["currency"] == "EUR"


def test_a_post_without_the_csrf_token_is_refused(plans: None, form: dict[str, Any]) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    assert strict.post("/signup/", form).status_code == 403
