"""Reverse charge rests on a VAT number somebody vouches for; who was asked, when and what he said is kept (ASP-20.3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from billing import vies
from billing.models import BillingProfile, Invoice, TaxIdCheck
from billing.providers import provider_named
from billing.services import changes, profile, purchase, tax_ids
from billing.vies import ViesAnswer, ViesUnavailable
from tenants.models import Tenant
from tests.billing.conftest import START, told
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Any]
Later = Callable[[float], None]
WIEN = {
    "legal_name": "Wien AG", "email": "rechnung@wien.test", "street": "Ring 1", "postal_code": "1010",
    "city": "Wien", "country": "AT", "tax_id": "ATU13585627", "po_number": "",
}  # fmt: skip


class Service:
    """The EU's service as a test wants it: says `answers` one after the other, the last one for good."""

    def __init__(self, *answers: ViesAnswer | str) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def check(self, number: str) -> ViesAnswer:
        self.asked.append(number)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise ViesUnavailable(answer)
        return answer


VALID, INVALID, AWAY = ViesAnswer(True, "WIEN AG", "RING 1", "WAPIAAAA"), ViesAnswer(False), "MS_UNAVAILABLE"


@pytest.fixture(autouse=True)
def _service_in_use(settings: Any) -> None:
    settings.KONTOR_VIES_URL = vies.OFFICIAL_URL  # nobody is asked: the client is given


def treatment(tenant: Tenant) -> tuple[str, int]:
    """How the next invoice would be taxed, and its tax."""
    shown = purchase.preview_purchase(tenant, "professional", "month", 1)
    return shown.tax_treatment, shown.tax_minor


def state(tenant: Tenant) -> str:
    return BillingProfile.objects.get(tenant=tenant).tax_id_state


def test_a_confirmed_number_is_kept_with_its_proof_and_stands_on_the_invoice(
    tenant: Tenant, buy: Buy
) -> None:
    profile.update(tenant, WIEN)
    service = Service(VALID)
    assert (tax_ids.check_due(service), service.asked, state(tenant)) == (1, ["ATU13585627"], "verified")
    proof = TaxIdCheck.objects.get(tenant=tenant)
    assert (proof.outcome, proof.at, proof.consultation, proof.name) == (
        "valid",
        START,
        "WAPIAAAA",
        "WIEN AG",
    )
    buy(seats=1)
    invoice = Invoice.objects.get(tenant=tenant)
    assert (invoice.tax_treatment, invoice.tax_minor, invoice.total_minor) == ("reverse_charge", 0, 3000)
    agent = provider_named("builtin")
    from billing.providers.builtin.models import Invoice as Written

    assert (
        Written.objects.get(pk=invoice.provider_id).printed["buyer"]["tax_id_verified_at"]
        == START.isoformat()
    )
    assert (agent.document(invoice.provider_id) or b"").startswith(b"%PDF")


def test_an_invalid_number_is_taxed_from_the_next_invoice_on(tenant: Tenant, buy: Buy, later: Later) -> None:
    profile.update(tenant, WIEN)
    buy(seats=1)
    assert Invoice.objects.get(tenant=tenant).tax_minor == 0  # well-formed, nobody has answered yet
    assert tax_ids.check_due(Service(INVALID)) == 1
    assert (state(tenant), told(tenant).count("tax_id_invalid")) == ("invalid", 1)
    shown = changes.preview_change(tenant, "professional", "month", 2)
    assert shown.now is not None
    assert (shown.now.tax_treatment, shown.now.net_minor, shown.now.tax_minor) == (
        "standard",
        3000,
        600,
    )  # AT 20 %
    assert Invoice.objects.get(tenant=tenant).tax_minor == 0  # what was issued stays as it is
    later(30)
    renewal = Invoice.objects.get(tenant=tenant, reason="subscription_cycle")
    assert (renewal.tax_rate, renewal.tax_minor, renewal.total_minor) == (20, 600, 3600)


def test_a_service_that_is_away_counts_for_fourteen_days_and_no_longer(tenant: Tenant, frozen: Any) -> None:
    profile.update(tenant, WIEN)
    service = Service(AWAY)
    assert tax_ids.check_due(service) == 0
    assert tax_ids.check_due(service) == 0
    assert len(service.asked) == 1  # an hour's rest between two questions
    assert (state(tenant), treatment(tenant)) == ("unverified", ("reverse_charge", 0))
    frozen.shift(timedelta(hours=1))
    tax_ids.check_due(service)
    assert len(service.asked) == 2
    assert TaxIdCheck.objects.filter(tenant=tenant, outcome="unanswered", error=AWAY).count() == 2
    frozen.shift(timedelta(days=14))
    assert treatment(tenant) == ("standard", 600)
    assert tax_ids.check_due(Service(VALID)) == 1  # it came back
    assert treatment(tenant) == ("reverse_charge", 0)


def test_the_running_contract_hears_of_it_too(tenant: Tenant, buy: Buy, later: Later) -> None:
    profile.update(tenant, WIEN)
    buy(seats=1)
    later(15)
    tax_ids.check_due(Service(AWAY))
    later(15)
    assert Invoice.objects.get(tenant=tenant, reason="subscription_cycle").tax_minor == 600


def test_a_valid_number_is_asked_about_again_after_90_days(tenant: Tenant, frozen: Any) -> None:
    profile.update(tenant, WIEN)
    service = Service(VALID, INVALID)
    tax_ids.check_due(service)
    frozen.shift(timedelta(days=89))
    assert tax_ids.check_due(service) == 0
    frozen.shift(timedelta(days=1))
    assert (tax_ids.check_due(service), state(tenant)) == (1, "invalid")


def test_another_number_is_another_question(tenant: Tenant) -> None:
    profile.update(tenant, WIEN)
    tax_ids.check_due(Service(VALID))
    profile.update(tenant, WIEN | {"street": "Ring 2"})
    assert state(tenant) == "verified"  # the address says nothing about the number
    profile.update(tenant, WIEN | {"country": "DE", "tax_id": "DE136695976"})
    assert (state(tenant), treatment(tenant)) == (
        "unverified",
        ("standard", 570),
    )  # at home: 19 % in any case
    profile.update(tenant, WIEN | {"tax_id": ""})
    assert (state(tenant), treatment(tenant)) == ("none", ("standard", 600))
    assert tax_ids.check_due(Service(VALID)) == 0


def test_an_answer_about_a_number_that_was_changed_meanwhile_is_dropped(tenant: Tenant) -> None:
    profile.update(tenant, WIEN)

    class Slow(Service):
        def check(self, number: str) -> ViesAnswer:
            profile.update(tenant, WIEN | {"tax_id": ""})
            return VALID

    assert tax_ids.check_due(Slow(VALID)) == 0
    assert (state(tenant), TaxIdCheck.objects.count()) == ("none", 0)


def test_without_the_service_the_format_decides(tenant: Tenant, settings: Any, frozen: Any) -> None:
    settings.KONTOR_VIES_URL = ""
    profile.update(tenant, WIEN)
    assert tax_ids.check_due() == 0
    frozen.shift(timedelta(days=400))
    assert treatment(tenant) == ("reverse_charge", 0)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"valid": "yes"}', b'{"valid": null}', b"\xff",
        b'{"actionSucceed": false, "errorWrappers": [{"error": "MS_MAX_CONCURRENT_REQ"}]}', b'{"errorWrappers": [1]}',
    ],
)  # fmt: skip
def test_what_says_neither_yes_nor_no_is_no_answer(body: bytes) -> None:
    with pytest.raises(ViesUnavailable):
        vies.read_answer(body)


def test_answers_are_read_and_cut() -> None:
    told = vies.read_answer(
        json.dumps({"valid": True, "name": "A\nB", "address": "---", "requestIdentifier": "W" * 999}).encode()
    )
    assert (told.valid, told.name, told.address, len(told.consultation)) == (True, "A B", "", 300)


def test_the_question_names_us_and_a_dead_line_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str]] = []
    client = vies.RestClient(vies.OFFICIAL_URL, "DE136695976")
    monkeypatch.setattr(client, "_post", lambda body: sent.append(json.loads(body)) or b'{"valid": false}')
    assert client.check("ATU13585627") == ViesAnswer(False)
    assert sent == [
        {
            "countryCode": "AT",
            "vatNumber": "U13585627",
            "requesterMemberStateCode": "DE",
            "requesterNumber": "136695976",
        }
    ]
    dead = vies.RestClient("https://127.0.0.1:1/")
    with pytest.raises(ViesUnavailable):
        dead.check("ATU13585627")
    with pytest.raises(ValueError):
        vies.RestClient("http://vies.example/")


def test_the_page_says_what_is_known(tenant: Tenant, frozen: Any) -> None:
    client = signed_in(tenant)
    profile.update(tenant, WIEN)
    assert "Format checked" in client.get("/billing/").content.decode()
    tax_ids.check_due(Service(VALID))
    page = client.get("/billing/").content.decode()
    assert "Confirmed on" in page and "April 1, 2026" in page
    profile.update(tenant, WIEN | {"tax_id": "ATU62895905"})
    tax_ids.check_due(Service(INVALID))
    assert "does not know this VAT number" in client.get("/billing/").content.decode()


def test_proofs_belong_to_their_tenant(tenant: Tenant) -> None:
    with pytest.raises(IntegrityError):
        TaxIdCheck.objects.create(tax_id="X", at=START, outcome="valid")
