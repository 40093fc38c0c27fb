"""Licence at invitation: the kind of seat, its price to the cent before confirming, and refusals (ASP-20.1, C2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, SeatChange, Subscription
from billing.services import agreements, ending
from crm_core.security.actor import actor_for
from onboarding.services import invitation_seats, invitations
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import Invitation, User
from tenants.models import Tenant
from tests.api_client import ApiClient, person
from tests.billing.conftest import BAD_LATER

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
PEOPLE = [f"p{number}@colleague.test" for number in range(12)]


@pytest.fixture
def admin(tenant: Tenant) -> ApiClient:
    return person(tenant, "admin@acme.test", "system_administrator")[1]


def quote(api: ApiClient, licence: str = "full", count: int = 1) -> dict[str, Any]:
    status, answer = api.get(f"/invitations/quote?licence={licence}&count={count}")
    assert status == 200, answer
    return answer  # type: ignore[no-any-return]


def buy_seats(api: ApiClient, shown: dict[str, Any], **changed: Any) -> tuple[int, Any]:
    body = {
        "licence": shown["licence"], "count": shown["count"], "seats_before": shown["seats_before"],
        "total_minor": shown["now"]["total_minor"], "key": "k",
    }  # fmt: skip
    return api.post("/invitations/actions/buy_seats", body | changed)


def invite(api: ApiClient, email: str, **more: Any) -> tuple[int, Any]:
    return api.post("/invitations", {"email": email, "role": "salesperson", **more})


def invited(tenant: Tenant) -> int:
    with activate(tenant):
        return Invitation.objects.count()


def test_the_price_is_shown_and_then_charged(
    tenant: Tenant, buy: Buy, later: Later, admin: ApiClient
) -> None:
    buy(seats=2)  # the owner and the administrator
    later(15)
    shown = quote(admin, count=2)
    assert (shown["used"], shown["limit"], shown["needed"], shown["seats_after"]) == (2, 2, 2, 4)
    assert (shown["now"]["net_minor"], shown["now"]["total_minor"]) == (3000, 3570)
    assert shown["renewal"]["net_minor"] == 12000 and shown["refusal"] is None
    assert invite(admin, PEOPLE[0])[1]["code"] == "plan.seats"
    assert invited(tenant) == 0 and Invoice.objects.count() == 1  # looking costs nothing
    assert buy_seats(admin, shown) == (200, {"seats": 4, "total_minor": 3570})
    assert Invoice.objects.get(reason="subscription_update").total_minor == 3570
    assert [invite(admin, email)[0] for email in PEOPLE[:3]] == [201, 201, 402]


def test_read_only_seats_are_theirs_alone(tenant: Tenant, buy: Buy, admin: ApiClient) -> None:
    buy(seats=3)
    shown = quote(admin, "read_only")
    assert (shown["seats_before"], shown["needed"], shown["now"]["net_minor"]) == (0, 1, 800)
    assert buy_seats(admin, shown)[0] == 200
    status, made = invite(admin, PEOPLE[0], licence="read_only")
    assert (status, made["licence"]) == (201, "read_only")
    assert invite(admin, PEOPLE[1], licence="read_only")[0] == 402
    assert invite(admin, PEOPLE[1])[0] == 201  # a full seat is free
    tenant.refresh_from_db()
    with activate(tenant):
        token = "t" * 40
        Invitation.objects.filter(email=PEOPLE[0]).update(token_hash=invitations.token_hash(token))
        joined = invitations.accept(token, "Rita", "correct horse battery staple")
        assert joined.licence == User.Licence.READ_ONLY
    assert quote(admin, "read_only")["used"] == 1


def test_what_was_shown_is_what_is_bought(tenant: Tenant, buy: Buy, admin: ApiClient) -> None:
    buy(seats=2)
    shown = quote(admin)
    for changed in (
        {"total_minor": shown["now"]["total_minor"] - 1},
        {"seats_before": 1},
        {"seats_before": 3},
    ):
        status, answer = buy_seats(admin, shown, **changed)
        assert (status, answer["code"]) == (409, "seats.changed")
    assert not SeatChange.objects.exists()
    assert buy_seats(admin, shown)[0] == 200
    status, answer = buy_seats(admin, shown)  # a second click
    assert (status, answer["code"]) == (409, "seats.changed")
    assert Subscription.objects.get(tenant=tenant).seats == 3


@pytest.mark.parametrize("case", ["trial", "most", "unpaid", "canceling", "agreed", "not_admin", "read_only"])
def test_refusals_say_why_and_change_nothing(
    tenant: Tenant,
    buy: Buy,
    later: Later,
    admin: ApiClient,
    case: str,
) -> None:
    expected, count, api = {
        "trial": "plan.not_subscribed", "most": "plan.seats_range", "unpaid": "billing.unpaid", "canceling": "plan.canceling",
        "agreed": "plan.seats_agreed", "not_admin": "plan.seats", "read_only": "tenant.suspended",
    }[case], 1, admin  # fmt: skip
    if case == "trial":
        count = 40
    elif case == "most":
        buy(seats=2, plan="starter")
        count = 9
    elif case in ("unpaid", "read_only"):
        buy(seats=2, card=BAD_LATER)
        later(30 if case == "unpaid" else 45)
    else:
        buy(seats=3)
        count = 2
        if case == "canceling":
            ending.cancel(tenant, reason="x", by="t")
        elif case == "agreed":
            agreements.set_override(tenant, "users", 2, until=None, reason="x", by="ops")
        elif case == "not_admin":
            from crm_core.security.models import Role

            _user, api = person(tenant, "hr@acme.test", "salesperson")
            with activate(tenant):
                role = Role.objects.get(key="salesperson")
                Role.objects.filter(pk=role.pk).update(capabilities=[*role.capabilities, "manage_users"])
    before = Invoice.objects.count()
    shown = quote(api, count=count)
    assert shown["refusal"]["code"] == expected and shown["refusal"]["message"] and shown["now"] is None
    body = {"licence": "full", "count": count, "seats_before": 2, "total_minor": 10**9}
    status, answer = api.post("/invitations/actions/buy_seats", body)
    assert status in (402, 403, 409, 423)
    if case != "not_admin":
        assert answer["code"] == expected
    assert Invoice.objects.count() == before and not SeatChange.objects.exists()


def test_odd_licences_quotes_and_orders_are_refused(tenant: Tenant, admin: ApiClient) -> None:
    for licence, role, status, code in (
        ("portal", "salesperson", 422, "licence.unknown"),
        ("FULL", "salesperson", 422, "licence.unknown"),
        ("read_only", "system_administrator", 409, "licence.administrator"),
    ):
        got, answer = admin.post("/invitations", {"email": PEOPLE[0], "role": role, "licence": licence})
        assert (got, answer["code"], answer["field"]) == (status, code, "licence")
    assert invited(tenant) == 0
    for query in ("licence=gold", "count=0", "count=201", "count=many", "count=%D9%A3", "wish=1"):
        assert admin.get(f"/invitations/quote?{query}")[0] in (400, 422), query
    for field in ("count", "seats_before", "total_minor"):
        for value in (None, "1", -1, 1.5, True, [1], 2**60):
            body = {"licence": "full", "count": 1, "seats_before": 1, "total_minor": 1} | {field: value}
            status, answer = admin.post("/invitations/actions/buy_seats", body)
            assert (status, answer["field"]) == (422, field), value
    assert not SeatChange.objects.exists()


@pytest.mark.real_commit
@pytest.mark.parametrize("wish", ["invite", "buy"])
def test_two_administrators_and_the_last_seat(tenant: Tenant, buy: Buy, wish: str) -> None:
    """C2: one free seat, two invitations at the same moment; and two who buy the one seat they were both shown."""
    with activate_public():
        buy(seats=3 if wish == "invite" else 2)
    boss, _api = person(tenant, "boss@acme.test", "system_administrator")
    with activate(tenant):
        actor = actor_for(boss.pk)
        assert actor is not None
        shown = invitation_seats.quote(actor, "full", 1)
        total = shown.change.now.total_minor if shown.change and shown.change.now else 0
    done, refused = [], []

    def click(number: int) -> None:
        try:
            with activate(Tenant.objects.get(pk=tenant.pk)):
                acting = actor_for(boss.pk)
                assert acting is not None
                if wish == "invite":
                    done.append(invitations.invite(acting, PEOPLE[number], "salesperson").email)
                else:
                    done.append(
                        invitation_seats.buy(
                            acting,
                            "full",
                            1,
                            seats_before=shown.seats_before or 0,
                            total_minor=total,
                            key=str(number),
                        )
                    )
        except TenantRefusal as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and refused == (["plan.seats"] if wish == "invite" else ["seats.changed"])
    with activate_public():
        assert Subscription.objects.get(tenant=tenant).seats == 3
        assert Invoice.objects.filter(tenant=tenant).count() == (1 if wish == "invite" else 2)
