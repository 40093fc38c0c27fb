"""A credit has the VAT of what it gives back, whatever moved since (ASP-20.3): figures to the cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from billing.models import CreditNote, Invoice, Subscription
from billing.providers import provider_named
from billing.providers.builtin.models import Subscription as Held
from billing.services import addons, agreements, bookkeeping, changes, profile
from tenants.models import Tenant

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
ADDRESS = {
    "legal_name": "Acme", "email": "a@acme.test", "street": "", "postal_code": "", "city": "", "po_number": "",
}  # fmt: skip


def move(tenant: Tenant, country: str, tax_id: str = "") -> None:
    profile.update(tenant, ADDRESS | {"country": country, "tax_id": tax_id})


def up(tenant: Tenant, plan: str = "enterprise", interval: str = "month", seats: int = 2) -> Any:
    """Change the plan; what was shown before and (net, tax, rate) of the invoice and of each credit note it wrote."""
    known = set(CreditNote.objects.values_list("pk", flat=True))
    shown = changes.preview_change(tenant, plan, interval, seats).now
    changes.change_plan(tenant, plan, interval, by="t", key=f"{plan}:{interval}")
    invoice = Invoice.objects.filter(tenant=tenant, reason="subscription_update").latest("number")
    notes = CreditNote.objects.exclude(pk__in=known).select_related("invoice").order_by("invoice__number")
    return (
        shown,
        (invoice.net_minor, invoice.tax_minor, invoice.tax_rate),
        [(note.invoice.tax_rate, note.net_minor, note.tax_minor) for note in notes],
    )


def parts(shown: Any) -> list[tuple[Decimal, int, int]]:
    """(rate, net, tax) of what a preview says goes back by credit notes."""
    return [(one.tax_rate, -one.net_minor, -one.tax_minor) for one in shown.credits]


def test_what_was_taxed_at_home_goes_back_with_its_tax(tenant: Tenant, buy: Buy, later: Later) -> None:
    """Two users at 30.00 with 19 %, moved to Austria with a VAT number in the middle of the month, then the larger plan."""
    buy(seats=2)
    later(15)
    move(tenant, "AT", "ATU13585627")
    shown, invoice, notes = up(tenant)
    assert invoice == (5500, 0, 0) == (shown.net_minor, shown.tax_minor, shown.tax_rate)
    assert notes == [(19, 3000, 570)] == parts(shown)
    assert bookkeeping.missing_numbers() == []
    refunds = Invoice.objects.get(reason="subscription_create").payments.filter(state="refunded")
    assert [row.amount_minor for row in refunds] == [3570]


def test_what_had_no_tax_gives_none_back(tenant: Tenant, buy: Buy, later: Later) -> None:
    move(tenant, "AT", "ATU13585627")
    buy(seats=2)
    later(15)
    move(tenant, "DE")
    shown, invoice, notes = up(tenant)
    assert invoice == (5500, 1045, 19) == (shown.net_minor, shown.tax_minor, shown.tax_rate)
    assert notes == [(0, 3000, 0)] == parts(shown)


def test_the_same_taxation_is_netted_on_one_invoice(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    later(15)
    shown, invoice, notes = up(tenant)
    assert (invoice, notes, shown.credits) == ((2500, 475, 19), [], ())


def test_each_seat_has_the_tax_it_was_bought_with(tenant: Tenant, buy: Buy, later: Later) -> None:
    """Two users at 19 %, a third without tax in the United States, then Sweden."""
    buy(seats=2)
    move(tenant, "US")
    changes.set_seats(tenant, 3, by="t", key="third")
    later(15)
    move(tenant, "SE")
    shown, invoice, notes = up(tenant, seats=3)
    assert invoice == (8250, 2063, 25)  # 3 × 55.00 × 15/30
    assert notes == [(19, 3000, 570), (0, 1500, 0)] == parts(shown)


def test_the_rate_follows_the_country_too(tenant: Tenant, buy: Buy, later: Later) -> None:
    """Cyprus has Germany's rate, but the tax is another state's."""
    buy(seats=2)
    later(15)
    move(tenant, "CY")
    _shown, invoice, notes = up(tenant)
    assert (invoice, notes) == ((5500, 1045, 19), [(19, 3000, 570)])


def test_another_interval_with_addons(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    addons.set_addons(tenant, {"storage_10": 1}, by="t", key="more")
    unit = Invoice.objects.get(reason="subscription_update").net_minor
    later(15)
    move(tenant, "US")
    shown, invoice, notes = up(tenant, "professional", "year")
    assert invoice == (60000 + unit * 10, 0, 0) == (shown.net_minor, shown.tax_minor, shown.tax_rate)
    back = 3000 + unit // 2
    assert sum(net for _rate, net, _tax in notes) == back == -sum(one.net_minor for one in shown.credits)
    assert sum(tax for _rate, _net, tax in notes) == round(back * 0.19)
    held = Held.objects.get()
    assert {key: [row[1:] for row in rows] for key, rows in held.period_tax.items()} == {
        key: [["0", "out_of_scope", ""]] for key in (held.price_id, *held.addons)
    }


def test_an_amount_off_is_neither_lost_nor_given_twice(tenant: Tenant, buy: Buy, later: Later) -> None:
    """50.00 off 60.00: what goes back is half of the 10.00 that were paid, and the larger plan is as much cheaper."""
    agreements.create_coupon("FIFTY", amount_off_minor=5000, currency="EUR", by="ops")
    buy(seats=2, coupon="FIFTY")
    later(15)
    move(tenant, "US")
    shown, invoice, notes = up(tenant)
    assert notes == [(19, 500, 95)] == parts(shown)
    assert invoice == (3000, 0, 0)  # 55.00 less the 25.00 the coupon still had


def test_a_contract_from_before_is_taxed_like_its_period(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    Held.objects.update(period_tax={})
    later(15)
    move(tenant, "US")
    _shown, _invoice, notes = up(tenant)
    assert notes == [(19, 3000, 570)]


def test_a_renewal_begins_anew(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    move(tenant, "US")
    later(30)
    shown, invoice, notes = up(tenant)
    assert (notes, shown.credits, invoice[1:]) == ([], (), (0, 0))


def test_the_page_shows_both(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    later(15)
    move(tenant, "US")
    preview = changes.preview_change(tenant, "enterprise", "month", 2).now
    with translation.override("de"):
        page = render_to_string("billing/preview.html", {"preview": preview})
    assert "Wird mit einer Gutschrift zurückgegeben" in page and "USt. 19 %" in page.replace("\xa0", " ")
    agent = provider_named("builtin")
    up(tenant)
    note = CreditNote.objects.get()
    assert (agent.document(note.provider_id) or b"").startswith(b"%PDF")
