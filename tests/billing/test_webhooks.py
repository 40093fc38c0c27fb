"""Webhooks: who is let in, told once, told late, told about strangers (SAAS.md §6.3 B1, B2, B4, B6)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from billing.models import Invoice, Notice, Payment, ProviderEvent, StateTransition, Subscription
from billing.providers.builtin import cards, checkout, clock, delivery
from billing.providers.builtin.models import OutboundEvent
from billing.providers.interface import ProviderError
from billing.services import inbox, purchase, reconcile, rehearsal
from billing.webhooks import envelope
from billing.webhooks.signature import BadSignature, check, sign
from tenants.models import Tenant
from tests.billing.conftest import GOOD, START

PATH = "/billing/webhooks/builtin/"
Buy = Callable[..., Subscription]


def post(body: bytes, signature: str, path: str = PATH) -> Any:
    header = "HTTP_STRIPE_SIGNATURE" if "stripe" in path else "HTTP_BILLING_SIGNATURE"
    return Client(SERVER_NAME="localhost").post(
        path, data=body, content_type="application/json", **{header: signature}
    )


def signed(body: bytes, *, secret: str = "", age: float = 0) -> str:
    return sign(body, secret or clock.installation().webhook_secret, int(time.time() - age))


def pay(tenant: Tenant, seats: int = 3) -> None:
    """Buy on the provider's page; nobody but a webhook tells us."""
    page = purchase.start_checkout(tenant, "professional", "month", seats, by="owner@acme.test")
    checkout.pay(page.id, cards.card(GOOD, "12", "30", START.date()))


def events() -> list[OutboundEvent]:
    return list(OutboundEvent.objects.order_by("created_at", "id"))


EVENT = b'{"id":"evt_x","type":"invoice.paid","created":1775034000,"data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1"}}}'


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b, s: (b, ""), "signature.invalid"),
        (lambda b, s: (b, signed(b, secret="whsec_other")), "signature.invalid"),
        (lambda b, s: (b, signed(b, age=301)), "signature.invalid"),
        (lambda b, s: (b, signed(b, age=-301)), "signature.invalid"),
        (lambda b, s: (b.replace(b"in_1", b"in_2"), s), "signature.invalid"),
        (lambda b, s: (b, s.replace("v1=", "v0=")), "signature.invalid"),
        (lambda b, s: (b, s.split(",")[1]), "signature.invalid"),
        (lambda b, s: (b, "t=" + "9" * 400 + ",v1=x"), "signature.invalid"),
        (lambda b, s: (b, "t=٣,v1=é"), "signature.invalid"),
        (lambda b, s: (b"{", signed(b"{")), "event.invalid"),
        (lambda b, s: (b"[]", signed(b"[]")), "event.invalid"),
        (lambda b, s: (b'{"id":7,"type":"x"}', signed(b'{"id":7,"type":"x"}')), "event.invalid"),
    ],
)
def test_strangers_and_nonsense_are_refused_and_not_stored(plans: None, change: Any, code: str) -> None:
    body, signature = change(EVENT, signed(EVENT))
    answer = post(body, signature)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not ProviderEvent.objects.exists()


def test_other_doors_stay_shut(plans: None) -> None:
    assert post(EVENT, signed(EVENT), "/billing/webhooks/paypal/").status_code == 404
    assert Client(SERVER_NAME="localhost").get(PATH).status_code == 405
    big = b" " * (1024 * 1024 + 1)
    assert post(big, signed(big)).status_code == 413
    assert not ProviderEvent.objects.exists()


def test_both_secrets_count_while_one_replaces_the_other(plans: None) -> None:
    old = clock.installation().webhook_secret
    clock.rotate_secret()
    assert post(EVENT, signed(EVENT, secret=old)).status_code == 200
    second = EVENT.replace(b"evt_x", b"evt_y")
    assert post(second, signed(second)).status_code == 200
    clock.rotate_secret()
    third = EVENT.replace(b"evt_x", b"evt_z")
    assert post(third, signed(third, secret=old)).status_code == 400
    assert ProviderEvent.objects.count() == 2


def test_the_scheme_is_the_one_of_the_field() -> None:
    import stripe

    header = sign(EVENT, "whsec_a", int(time.time()))
    assert stripe.WebhookSignature.verify_header(EVENT.decode(), header, "whsec_a", 300)
    check(EVENT, header, ["whsec_old", "whsec_a"], time.time())
    with pytest.raises(BadSignature):
        check(EVENT, header, [""], time.time())


def test_a_purchase_is_learned_from_its_events(tenant: Tenant) -> None:
    pay(tenant)
    assert not Subscription.objects.exists()
    for event in events():
        body = event.body.encode()
        for _again in range(5):
            assert post(body, signed(body)).status_code == 200
    assert ProviderEvent.objects.count() == len(events()) > 2
    assert inbox.process_waiting() >= 3
    tenant.refresh_from_db()
    assert (tenant.state, Subscription.objects.get().seats) == ("active", 3)
    assert Payment.objects.count() == Invoice.objects.count() == 1
    assert list(StateTransition.objects.values_list("state_before", "state_after")) == [
        ("trialing", "active")
    ]
    assert Notice.objects.filter(kind="invoice_issued").count() == 1
    assert not ProviderEvent.objects.exclude(state="done").exists()
    again = ProviderEvent.objects.first()
    assert again is not None and inbox.replay(again.pk, by="ops") == "done"
    assert Payment.objects.count() == 1


def test_backwards_is_as_good(tenant: Tenant) -> None:
    pay(tenant)
    for event in reversed(events()):
        body = event.body.encode()
        post(body, signed(body))
        inbox.process_waiting()
    assert Subscription.objects.get().status == "active"
    assert Invoice.objects.get().state == "paid"


def test_a_lost_event_is_repaired_by_reconciling(tenant: Tenant) -> None:
    pay(tenant)
    OutboundEvent.objects.all().delete()
    assert reconcile.reconcile_all() > 0
    tenant.refresh_from_db()
    assert tenant.state == "active"
    assert reconcile.reconcile_all() == 0


def test_a_customer_nobody_knows_is_kept_and_tried_again(plans: None) -> None:
    post(EVENT, signed(EVENT))
    inbox.process_waiting()
    kept = ProviderEvent.objects.get()
    assert (kept.state, kept.tenant) == ("orphan", None)
    assert not Invoice.objects.exists()


def test_an_event_that_breaks_its_handler_is_set_aside_and_the_others_go_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, frozen: Any
) -> None:
    """F15: retried with back-off, then left as failed with its error; nothing waits behind it."""
    from billing.providers.builtin.adapter import BuiltinProvider

    pay(tenant)
    for event in events():
        post(event.body.encode(), signed(event.body.encode()))

    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(BuiltinProvider, "fetch_invoice", broken)
    assert inbox.process_waiting() > 0
    assert Subscription.objects.get().status == "active"
    for _attempt in range(inbox.MOST_ATTEMPTS):
        frozen.shift(3700)
        inbox.process_waiting()
    poisoned = ProviderEvent.objects.filter(state="failed")
    assert poisoned and all("a mistake of ours" in event.error for event in poisoned)
    assert not ProviderEvent.objects.filter(state="received").exists()


def test_types_we_do_not_use_are_ignored(plans: None) -> None:
    body = EVENT.replace(b"invoice.paid", b"radar.early_fraud_warning.created")
    post(body, signed(body))
    inbox.process_waiting()
    assert ProviderEvent.objects.get().state == "ignored"


def test_nobody_takes_over_a_workspace_that_has_a_customer(tenant: Tenant, buy: Buy) -> None:
    buy(seats=3)
    thing = {
        "id": "cs_1",
        "object": "checkout.session",
        "customer": "cus_evil",
        "client_reference_id": str(tenant.pk),
    }
    body = orjson.dumps(
        {"id": "evt_e", "type": "checkout.session.completed", "created": 1, "data": {"object": thing}}
    )
    post(body, signed(body))
    inbox.process_waiting()
    assert ProviderEvent.objects.get(pk="evt_e").state == "orphan"


def test_an_outage_of_the_provider_delays_and_loses_nothing(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, frozen: Any
) -> None:
    from billing.providers.builtin.adapter import BuiltinProvider

    pay(tenant)
    for event in events():
        post(event.body.encode(), signed(event.body.encode()))

    def away(*_arguments: Any) -> Any:
        raise ProviderError("provider.unavailable")

    with monkeypatch.context() as patch:
        for name in ("fetch_subscription", "fetch_invoice", "fetch_customer", "fetch_checkout"):
            patch.setattr(BuiltinProvider, name, away)
        assert inbox.process_waiting() == 0
    assert set(ProviderEvent.objects.values_list("state", flat=True)) == {"received"}
    frozen.shift(3 * 86400)
    assert inbox.process_waiting() > 0
    assert Subscription.objects.get().status == "active"


def test_switches_make_deliveries_go_wrong(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    pay(tenant)
    sent: list[str] = []

    def answer(body: bytes, _secret: str) -> str:
        sent.append(orjson.loads(body)["id"])
        return "200 OK"

    monkeypatch.setattr(delivery, "post", answer)
    order = [event.pk for event in events()]
    delivery.set_switches(duplicate=True, reorder=True, fail=True)
    assert delivery.deliver_due() == 0
    assert sent == [pk for pk in reversed(order) for _twice in "12"]
    delivery.set_switches(duplicate=False, fail=False, drop=True)
    OutboundEvent.objects.update(next_try_at=START)
    delivery.deliver_due()
    assert set(OutboundEvent.objects.values_list("outcome", flat=True)) == {"dropped"}
    assert len(sent) == 2 * len(order)
    with pytest.raises(ValueError, match="explode"):
        delivery.set_switches(explode=True)


def test_the_command_disturbs_deliveries_and_tells_what_became_of_them(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pay(tenant)
    monkeypatch.setattr(delivery, "post", lambda _body, _secret: "200 OK")
    call_command("billing_deliveries", "--drop", "--delay", "30")
    assert "Deliveries: drop, delay seconds 30\n" in capsys.readouterr().out
    call_command("billing_deliveries", "--delay", "0")
    delivery.deliver_due()
    call_command("billing_deliveries", "--off")
    told = capsys.readouterr().out
    assert "Deliveries: drop\n" in told and told.endswith(
        f"Deliveries: undisturbed\n  dropped     {len(events())}\n"
    )
    with pytest.raises(CommandError, match="from now on"):
        call_command("billing_deliveries", "--delay", "-1", "--drop")
    assert rehearsal.disturbances() == []


def test_nothing_is_disturbed_where_money_moves(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    pay(tenant)
    rehearsal.disturb(drop=True, duplicate=True)
    settings.KONTOR_BILLING_MODE = "live"
    sent: list[bytes] = []
    monkeypatch.setattr(delivery, "post", lambda body, _secret: (sent.append(body), "200 OK")[1])
    with pytest.raises(CommandError, match="test installation"):
        call_command("billing_deliveries", "--fail")
    assert rehearsal.disturbances() == []
    assert delivery.deliver_due() == len(sent) == len(events())
    assert {event.outcome for event in events()} == {"delivered"}
    settings.KONTOR_BILLING_MODE = "test"
    assert rehearsal.disturbances() == ["drop", "duplicate"]


def test_an_event_with_a_null_character_is_kept(tenant: Tenant) -> None:
    body = EVENT.replace(b'"in_1"', b'"in_1","note":"a\\u0000b\\\\u0000","x\\u0000":[1]')
    assert post(body, signed(body)).status_code == 200
    thing = ProviderEvent.objects.get().payload["data"]["object"]
    assert (thing["id"], thing["note"], thing["x"]) == ("in_1", "ab\\u0000", [1])


@pytest.mark.parametrize("created", ["NaN", "1e999", '"never"', "null", "-99999999999999", "true"])
def test_odd_times_are_no_crash(created: str) -> None:
    with pytest.raises(ProviderError):
        envelope.read(EVENT.replace(b"1775034000", created.encode()))


@pytest.mark.real_commit
def test_the_same_event_five_times_at_once_has_one_effect(tenant: Tenant) -> None:
    pay(tenant)
    bodies = [event.body.encode() for event in events()]
    signatures = [signed(body) for body in bodies]
    failures: list[Exception] = []

    def deliver() -> None:
        try:
            for body, signature in zip(bodies, signatures, strict=True):
                inbox.receive("builtin", body, signature)
                inbox.process_waiting()
        except Exception as error:  # noqa: BLE001 - reported by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inbox.process_waiting()
    assert failures == []
    assert Payment.objects.count() == Invoice.objects.count() == Subscription.objects.count() == 1
    assert Notice.objects.filter(kind="invoice_issued").count() == 1
    assert StateTransition.objects.count() == 1
