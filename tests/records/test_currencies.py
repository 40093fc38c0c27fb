"""Currencies of the workspace and the rate each record keeps (PLT-96, AC-13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, NotFound
from crm_core.metadata.models import Currency
from crm_core.records import currencies, general_settings, service
from crm_core.records.models import AuditEntry
from crm_core.records.query import Query
from crm_core.security.actor import Actor


def deal(actor: Actor, **values: Any) -> Any:
    account = service.create(registry.get("account"), {"name": "Nord AG"}, actor)
    given = {"topic": "Ferry", "customer": {"object": "account", "id": str(account.id)}, **values}
    return service.create(registry.get("opportunity"), given, actor).id


def base_amount(record_id: Any, actor: Actor) -> str:
    names = ["estimated_revenue_base"]
    return Query(registry.get("opportunity"), actor).one(record_id, names)["estimated_revenue_base"]


def write(record_id: Any, actor: Actor, **values: Any) -> None:
    service.update(registry.get("opportunity"), record_id, values, actor)


def test_a_record_keeps_its_rate_until_its_money_changes(admin: Actor) -> None:
    currencies.add({"code": "USD", "rate": "1.25"}, admin)
    ferry = deal(admin, estimated_revenue="10000", currency="USD")
    assert base_amount(ferry, admin) == "8000.00"
    currencies.change("USD", {"rate": "1.2"}, admin)
    assert base_amount(ferry, admin) == "8000.00"
    write(ferry, admin, topic="Ferry to Kiel")
    assert base_amount(ferry, admin) == "8000.00"
    write(ferry, admin, estimated_revenue="12000")
    assert base_amount(ferry, admin) == "10000.00"


def test_a_used_currency_stays_and_the_base_is_fixed(admin: Actor) -> None:
    currencies.add({"code": "USD", "rate": "1.25"}, admin)
    ferry = deal(admin, estimated_revenue="10000", currency="USD")
    with pytest.raises(Conflict) as refused:
        currencies.remove("USD", admin)
    assert (refused.value.code, refused.value.details) == (
        "currency.in_use",
        {"records": {"opportunities": 1}},
    )
    service.delete(registry.get("opportunity"), ferry, admin)
    with pytest.raises(Conflict, match="kept in this currency"):  # it may come back from the recycle bin
        currencies.remove("USD", admin)
    with pytest.raises(Conflict) as fixed:
        general_settings.change({"currency": "USD", "name": "Other"}, admin)
    assert fixed.value.code == "currency.base_fixed"
    assert general_settings.read()["currency"] == "EUR" and general_settings.read()["name"] == "Acme Ltd"
    assert [(c["code"], c["is_base"]) for c in currencies.listed()] == [("EUR", True), ("USD", False)]


def test_another_base_converts_the_rates(admin: Actor) -> None:
    currencies.add({"code": "USD", "rate": "1.25"}, admin)
    currencies.add({"code": "JPY", "rate": "160"}, admin)
    assert general_settings.change({"currency": "USD"}, admin)["currency"] == "USD"
    assert {c["code"]: c["rate"] for c in currencies.listed()} == {"USD": "1", "EUR": "0.8", "JPY": "128"}
    assert [c["code"] for c in currencies.listed() if c["is_base"]] == ["USD"]
    ferry = deal(admin, estimated_revenue="800", currency="EUR")
    assert base_amount(ferry, admin) == "1000.00"


def test_places_are_those_usual_for_the_currency(admin: Actor) -> None:
    made = [currencies.add({"code": code, "rate": 100}, admin)["precision"] for code in ("JPY", "USD", "KWD")]
    assert made == [0, 2, 3]
    ferry = deal(admin, estimated_revenue="99.6", currency="JPY")
    row = Query(registry.get("opportunity"), admin).one(ferry, ["estimated_revenue"])
    assert Decimal(row["estimated_revenue"]) == 100


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "XXQ", "rate": "1"}, "code"),
        ({"code": 3, "rate": "1"}, "code"),
        ({"code": "USD"}, "rate"),
        ({"code": "USD", "rate": "0"}, "rate"),
        ({"code": "USD", "rate": "-1"}, "rate"),
        ({"code": "USD", "rate": "NaN"}, "rate"),
        ({"code": "USD", "rate": True}, "rate"),
        ({"code": "USD", "rate": "1e99"}, "rate"),
        ({"code": "USD", "rate": "1", "precision": 5}, "precision"),
        ({"code": "USD", "rate": "1", "precision": "2"}, "precision"),
    ],
)
def test_refused_currencies(admin: Actor, body: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        currencies.add(body, admin)
    assert refused.value.field == field and not Currency.objects.filter(code="USD").exists()


@given(rate=st.one_of(st.text(max_size=20), st.integers(), st.none(), st.floats(), st.booleans()))
def test_no_rate_is_an_error_of_ours(rate: Any) -> None:
    try:
        found = currencies._rate(rate)
    except CrmError:
        return
    assert 0 < found <= 10**9


def test_refusals_leave_everything_as_it_was(admin: Actor, rep: Actor) -> None:
    before, entries = currencies.listed(), AuditEntry.objects.count()
    for denied in (
        lambda: currencies.add({"code": "USD", "rate": "1.25"}, rep),
        lambda: currencies.change("EUR", {"precision": 0}, rep),
        lambda: currencies.remove("EUR", rep),
        lambda: general_settings.change({"name": "Mine"}, rep),
    ):
        with pytest.raises(Forbidden):
            denied()
    for wrong in (
        lambda: currencies.remove("EUR", admin),
        lambda: currencies.change("EUR", {"rate": "2"}, admin),
    ):
        with pytest.raises(Conflict, match="base currency"):
            wrong()
    with pytest.raises(NotFound):
        currencies.change("EURO", {"rate": "2"}, admin)
    assert currencies.listed() == before and AuditEntry.objects.count() == entries
    assert general_settings.read()["name"] == "Acme Ltd"


def test_general_settings_are_checked_and_kept_in_the_audit(admin: Actor) -> None:
    found = general_settings.change(
        {"name": "  Acme  GmbH ", "language": "de", "time_zone": "Europe/Vienna"}, admin
    )
    assert (found["name"], found["language"], found["time_zone"]) == ("Acme GmbH", "de", "Europe/Vienna")
    entry = AuditEntry.objects.filter(object="workspace").latest("at")
    assert entry.changes == {
        "name": ["Acme Ltd", "Acme GmbH"],
        "language": ["en", "de"],
        "time_zone": ["UTC", "Europe/Vienna"],
    }
    for name, value in (
        ("name", " "),
        ("fiscal_start", 13),
        ("fiscal_start", True),
        ("name", 4),
        ("language", "tlh"),
        ("country", "ZZ9"),
        ("time_zone", "Mars"),
    ):
        with pytest.raises(Invalid) as refused:
            general_settings.change({name: value}, admin)
        assert refused.value.field == name
    assert workspace.current().name == "Acme GmbH"


def test_another_country_renews_what_phones_are_found_by(admin: Actor) -> None:
    contact = registry.get("contact")
    service.create(contact, {"last_name": "Lind", "business_phone": "06641234567"}, admin)

    def text() -> str:
        return contact.model.objects.values_list("search_text", flat=True).get()

    assert "436641234567" not in text()
    general_settings.change({"country": "AT"}, admin)
    assert "436641234567" in text()
