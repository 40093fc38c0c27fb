"""Sign-up holds against floods, and people are told clearly why they have to wait (SAAS.md §4.2 Abuse, ASP-10.3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from onboarding import forms
from onboarding.models import SignUp
from onboarding.services import confirmation, proof, rates
from onboarding.services import signup as signups
from onboarding.services.email_rules import mail_domain, person_key
from tenants.models import Provisioning
from tests.onboarding.conftest import PASSWORD
from tests.threads import at_once

JSON = {"HTTP_ACCEPT": "application/json"}


def send(visitor: Client, form: dict[str, Any], number: int, **values: Any) -> Any:
    """The form once more, with another address and name."""
    own = {"email": f"p{number}@alpha{number}.test", "slug": f"alpha-{number}x", "mark": forms.new_mark()}
    return visitor.post("/signup/", {**form, **own, **values}, **JSON)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada.Alpha+crm@GMail.com", "adaalpha@googlemail.com"),
        ("ada.alpha@proton.me", "ada-al_pha+x@protonmail.com"),
        ("ada@me.com", "ada+trial@icloud.com"),
        ("ada-alpha@ya.ru", "ada.alpha@yandex.ru"),
        ("ada+1@alpha.test", "ada+2@alpha.test"),
    ],
)
def test_spellings_of_one_mailbox_are_one_person(one: str, other: str) -> None:
    assert person_key(one) == person_key(other) and mail_domain(one) == mail_domain(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a.b@alpha.test", "ab@alpha.test"), ("ada@outlook.com", "ada@hotmail.com"), ("a@x.test", "a@y.test")]
)  # fmt: skip
def test_other_people_stay_other_people(one: str, other: str) -> None:
    assert person_key(one) != person_key(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.1.2.3", "10.1.2.250", True),
        ("10.1.2.3", "10.1.3.3", False),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::3", "2001:db8:2::3", False),
        ("::ffff:10.1.2.3", "10.1.2.9", True),
    ],
)
def test_networks(one: str, other: str, same: bool) -> None:
    assert (rates.network_of(one) == rates.network_of(other)) is same


def test_many_addresses_of_one_network_are_one_flood(
    visitor: Client, form: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(
        rates, "SIGN_UPS_PER_NETWORK", rates.Rate("signup-network", 3, rates.SIGN_UPS_PER_NETWORK.window)
    )
    answers = [send(visitor, form, 0) for _first in range(1)]
    for number in range(1, 4):
        own = {"email": f"q{number}@beta{number}.test", "slug": f"beta-{number}x", "mark": forms.new_mark()}
        answers.append(visitor.post("/signup/", {**form, **own}, **JSON, REMOTE_ADDR=f"127.0.0.{number + 1}"))
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3600
    assert answers[-1].json()["code"] == "rate.exceeded" and SignUp.objects.count() == 3


def test_who_is_refused_hears_when_to_try_again(visitor: Client, monkeypatch: Any) -> None:
    rate, then = rates.Rate("try", 1, timedelta(minutes=10)), timezone.now()
    assert rates.allow(rate, "me", then) and not rates.allow(rate, "me", then + timedelta(minutes=4))
    assert rates.wait(rate, "me", then + timedelta(minutes=4)) == 360
    assert rates.wait(rate, "me", then + timedelta(seconds=599.5)) == 1
    assert rates.wait(rate, "you", then) == rates.wait(rate, "me", then + timedelta(hours=1)) == 1
    for name in ("NAME_CHECKS_PER_IP", "FINDS_PER_IP", "CONFIRMATIONS_PER_IP"):
        monkeypatch.setattr(rates, name, rates.Rate(name, 0, timedelta(minutes=10)))
    answers = [
        visitor.get("/signup/name/?name=beta"),
        visitor.post("/find/", {"email": "a@b.test"}),
        visitor.post("/confirm/nothing/"),
    ]
    assert [answer.status_code for answer in answers] == [429, 429, 429]
    assert all(590 < int(answer["Retry-After"]) <= 600 for answer in answers)


def test_one_mail_domain_signs_up_only_so_often_and_free_mail_more(
    visitor: Client, form: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(
        rates,
        "SIGN_UPS_PER_MAIL_DOMAIN",
        rates.Rate("signup-domain", 2, rates.SIGN_UPS_PER_MAIL_DOMAIN.window),
    )
    company = [send(visitor, form, n, email=f"p{n}@flood.test") for n in range(3)]
    assert [answer.status_code for answer in company] == [303, 303, 429]
    assert company[-1].json()["code"] == "rate.mail_domain"
    free = [send(visitor, form, n, email=f"p{n}@gmx.de") for n in range(3, 6)]
    assert [answer.status_code for answer in free] == [303, 303, 303]


def test_links_that_wait_open_no_more_than_three_trials(
    visitor: Client, form: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(confirmation, "make_password", lambda _password: "x")
    monkeypatch.setattr(rates, "MAILS_PER_ADDRESS", rates.Rate("mail-to", 50, rates.MAILS_PER_ADDRESS.window))
    tokens = []
    for number in range(5):
        send(visitor, form, number, email=f"ada+{number}@alpha.test")
        tokens.append(f"token-{number}")
        SignUp.objects.filter(slug=f"alpha-{number}x").update(token_hash=signups.token_hash(tokens[-1]))
    for token in tokens[:3]:
        confirmation.confirm(token, PASSWORD)
    with pytest.raises(confirmation.LinkRefused) as refused:
        confirmation.confirm(tokens[3], PASSWORD)
    assert (
        refused.value.reason == "limit"
        and Provisioning.objects.filter(slug__startswith="alpha-").count() == 3
    )
    page = visitor.post(f"/confirm/{tokens[4]}/", {"password": PASSWORD})
    assert page.status_code == 403 and b"Three within 30 days" in page.content
    assert SignUp.objects.filter(state="confirmed").count() == 3


@pytest.mark.real_commit
def test_two_links_at_once_open_one_where_one_is_left(
    visitor: Client, form: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(signups, "TRIALS_PER_PERSON", 1)
    monkeypatch.setattr(confirmation, "make_password", lambda _password: "x")
    for number in range(2):
        send(visitor, form, number, email=f"ada+{number}@alpha.test")
        SignUp.objects.filter(slug=f"alpha-{number}x").update(
            token_hash=signups.token_hash(f"token-{number}")
        )

    def confirm(token: str) -> str:
        try:
            confirmation.confirm(token, PASSWORD)
        except confirmation.LinkRefused as error:
            return error.reason
        return ""

    assert sorted(at_once([partial(confirm, f"token-{number}") for number in range(2)])) == ["", "limit"]
    assert SignUp.objects.filter(state="confirmed").count() == 1


def test_a_proof_of_work_is_asked_for_where_many_sign_up(
    visitor: Client, form: dict[str, Any], settings: Any, monkeypatch: Any
) -> None:
    settings.KONTOR_SIGNUP_PROOF = "auto"
    monkeypatch.setattr(proof, "BITS", 4)
    monkeypatch.setattr(proof, "NETWORK_QUIET", 3)
    assert b"data-proof" not in visitor.get("/signup/").content
    assert [send(visitor, form, n).status_code for n in range(proof.NETWORK_QUIET)] == [
        303
    ] * proof.NETWORK_QUIET
    refused = send(visitor, form, 7)
    assert refused.status_code == 422 and refused.json()["code"] == "proof.required"
    page = visitor.get("/signup/").content
    assert b"noscript" in page and b"data-proof" in page
    challenge = proof.new_challenge()
    answer = proof.solve(challenge)
    assert send(visitor, form, 8, challenge=challenge.text, proof=answer).status_code == 303
    again = send(visitor, form, 9, challenge=challenge.text, proof=answer)
    assert again.json()["code"] == "proof.used" and SignUp.objects.count() == proof.NETWORK_QUIET + 1


def test_odd_proofs_are_refused(visitor: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(proof, "BITS", 4)
    challenge = proof.new_challenge()
    wrong = next(str(n) for n in range(1000) if not proof.solves(challenge.text, str(n), challenge.bits))
    for text, answer, code in [
        ("", "", "proof.required"),
        (challenge.text, "", "proof.required"),
        (challenge.text, wrong, "proof.wrong"),
        (challenge.text + "x", "1", "proof.wrong"),
        ("forged", "1", "proof.wrong"),
        (challenge.text, "9" * 21, "proof.wrong"),
        (challenge.text, "١", "proof.wrong"),
        (challenge.text, "-1", "proof.wrong"),
        (forms.new_mark(), "1", "proof.wrong"),
    ]:
        with pytest.raises(proof.ProofRefused) as refused:
            proof.check(text, answer)
        assert refused.value.code == code, (text, answer)


def test_the_proof_can_be_switched(visitor: Client, form: dict[str, Any], settings: Any) -> None:
    settings.KONTOR_SIGNUP_PROOF = "always"
    assert send(visitor, form, 1).json()["code"] == "proof.required" and not SignUp.objects.exists()
    settings.KONTOR_SIGNUP_PROOF = "never"
    assert send(visitor, form, 1).status_code == 303
