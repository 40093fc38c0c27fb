"""Colleagues join by mail: bound to the address, once, within the seats (ASP-10.5, ASP-20.1, SAAS.md C2)."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from crm_core.metadata.errors import Conflict, Forbidden
from crm_core.security import services as people
from crm_core.security.actor import Actor, actor_for_login
from crm_core.security.models import BusinessUnit, Role, RoleAssignment, SystemUser
from onboarding.models import Membership, OutgoingMail
from onboarding.services import invitations
from tenants.context import activate, activate_public
from tenants.identity.models import Invitation, User
from tenants.identity.tokens import create_api_token
from tenants.models import Tenant
from tests.onboarding.conftest import PASSWORD
from tests.threads import at_once

URL = "/api/v1/invitations"
BODY = {"email": "bea@colleague.test", "name": "Bea Beta", "role": "salesperson"}


@pytest.fixture
def admin(workspace: Tenant) -> User:
    """The first administrator of the workspace."""
    return User.objects.filter(is_admin=True).order_by("created_at")[0]


@pytest.fixture
def actor(admin: User) -> Actor:
    """The administrator as the kernel knows her."""
    found = actor_for_login(admin.pk, "screen")
    assert found is not None
    return found


@pytest.fixture
def api(admin: User) -> Client:
    """The HTTP interface with the administrator's token."""
    _token, secret = create_api_token(admin, "test")
    return Client(SERVER_NAME="acme.localhost", headers={"authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body if body is not None else {}, content_type="application/json")


def sent(to: str) -> list[OutgoingMail]:
    with activate_public():
        return list(OutgoingMail.objects.filter(to=to, kind="invitation").order_by("created_at"))


def path_in(mail: OutgoingMail) -> str:
    found = re.search(r"http://acme\.localhost[:0-9]*(/join/[\w-]+/)", mail.text)
    assert found, mail.text
    return found.group(1)


def join(path: str, **changed: str) -> Any:
    visitor = Client(SERVER_NAME="acme.localhost")
    return visitor, visitor.post(path, {"name": "Bea Beta", "password": PASSWORD, **changed})


def test_an_invited_colleague_joins_with_her_own_password(api: Client, workspace: Tenant) -> None:
    answer = post(api, URL, BODY)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["state"] == "pending" and made["role"]["name"] == "Salesperson"
    (mail,) = sent(BODY["email"])
    assert workspace.name in mail.subject
    path = path_in(mail)

    opened = Client(SERVER_NAME="acme.localhost").get(path)
    assert opened.status_code == 200 and BODY["email"] in opened.content.decode()
    assert not User.objects.filter(email=BODY["email"]).exists()

    visitor, joined = join(path)
    assert (joined.status_code, joined["Location"]) == (303, "/")
    assert visitor.get("/login/").status_code == 302  # signed in
    user = User.objects.get(email=BODY["email"])
    assert user.check_password(PASSWORD) and not user.is_admin
    person = SystemUser.objects.get(login_id=user.pk)
    assert person.full_name == "Bea Beta"
    assert RoleAssignment.objects.get(principal_id=person.pk).role.key == "salesperson"
    with activate_public():
        assert Membership.objects.filter(email=BODY["email"], tenant_id=workspace.pk).exists()
    (row,) = [r for r in api.get(URL).json()["rows"] if r["email"] == BODY["email"]]
    assert row["state"] == "accepted"


def test_an_invited_colleague_owns_records_before_she_joins(api: Client, actor: Actor) -> None:
    made = post(api, URL, BODY).json()
    person = made["user"]
    assert person["object"] == "user" and person["name"] == "Bea Beta"
    answer = post(api, "/api/v1/accounts", {"name": "Harbour Ltd", "owner": person["id"]})
    assert answer.status_code == 201, answer.content
    assert answer.json()["owner"] == person
    assert not RoleAssignment.objects.filter(principal_id=person["id"]).exists()  # no rights before she joins

    join(path_in(sent(BODY["email"])[0]), name="Beatrice Beta")
    (joined,) = SystemUser.objects.filter(email=BODY["email"])
    assert str(joined.pk) == person["id"] and joined.login_id is not None
    record = api.get(f"/api/v1/accounts/{answer.json()['id']}").json()
    assert record["owner"] == {**person, "name": "Beatrice Beta"}


def test_an_imported_colleague_is_invited_as_herself(api: Client, actor: Actor) -> None:
    known = people.create_system_user("Bea B.", "Bea@Colleague.test")
    assert post(api, URL, BODY).json()["user"]["id"] == str(known.pk)
    join(path_in(sent(BODY["email"])[0]))
    assert SystemUser.objects.get(email__iexact=BODY["email"]).pk == known.pk


def test_withdrawing_keeps_the_records_and_gives_no_new_ones(api: Client, actor: Actor) -> None:
    made = post(api, URL, BODY).json()
    account = post(api, "/api/v1/accounts", {"name": "Harbour Ltd", "owner": made["user"]["id"]}).json()
    assert post(api, f"{URL}/{made['id']}/actions/revoke").status_code == 200
    kept = api.get(f"/api/v1/accounts/{account['id']}").json()
    assert kept["owner"]["id"] == made["user"]["id"]
    refused = post(api, "/api/v1/accounts", {"name": "Second", "owner": made["user"]["id"]})
    assert (refused.status_code, refused.json()["field"]) == (422, "owner")
    again = post(api, URL, BODY).json()
    assert again["user"]["id"] == made["user"]["id"]
    assert post(api, "/api/v1/accounts", {"name": "Second", "owner": made["user"]["id"]}).status_code == 201


def test_the_link_is_stored_hashed_and_works_once(actor: Actor) -> None:
    invitations.invite(actor, BODY["email"], "salesperson")
    path = path_in(sent(BODY["email"])[0])
    token = path.strip("/").split("/")[1]
    assert token not in Invitation.objects.get().token_hash
    assert join(path)[1].status_code == 303
    again = join(path)[1]
    assert again.status_code == 200 and 'data-code="invitation.used"' in again.content.decode()
    assert User.objects.filter(email=BODY["email"]).count() == 1


def test_unit_and_role_of_the_invitation_arrive(actor: Actor) -> None:
    root = BusinessUnit.objects.get(parent=None)
    north = BusinessUnit.objects.create(name="North", parent=root)
    role = Role.objects.get(key="sales_manager")
    invitations.invite(actor, BODY["email"], str(role.pk), business_unit=north.pk)
    join(path_in(sent(BODY["email"])[0]))
    person = SystemUser.objects.get(email=BODY["email"])
    assert person.business_unit_id == north.pk
    assert RoleAssignment.objects.get(principal_id=person.pk).role_id == role.pk


def test_an_invited_administrator_is_one(actor: Actor) -> None:
    invitations.invite(actor, BODY["email"], "system_administrator")
    join(path_in(sent(BODY["email"])[0]))
    assert User.objects.get(email=BODY["email"]).is_admin


@pytest.mark.parametrize(
    ("changed", "status", "code", "field"),
    [
        ({"email": "x"}, 422, "email.invalid", "email"),
        ({"email": "a@mailinator.com"}, 422, "email.disposable", "email"),
        ({"email": None}, 422, "value.required", "email"),
        ({"email": 7}, 422, "value.wrong_type", "email"),
        ({"email": "a@b.test" * 100}, 422, "value.too_long", "email"),
        ({"role": "wizard"}, 422, "role.unknown", "role"),
        ({"role": None}, 422, "value.required", "role"),
        ({"role": ["salesperson"]}, 422, "value.wrong_type", "role"),
        ({"name": "x" * 200}, 422, "value.too_long", "name"),
        ({"name": "a\nb"}, 422, "value.invalid", "name"),
        ({"business_unit": "x"}, 422, "business_unit.unknown", "business_unit"),
        ({"business_unit": str(uuid.uuid4())}, 422, "business_unit.unknown", "business_unit"),
        ({"is_admin": True}, 400, "request.unknown_parameter", "is_admin"),
        ({"token_hash": "x"}, 400, "request.unknown_parameter", "token_hash"),
    ],
)
def test_bad_invitations_change_nothing(
    api: Client, changed: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = post(api, URL, {**BODY, **changed})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("body", ["[]", "7", "{", '{"email": "a\\u0000b"}', "\xff"])
def test_bodies_that_are_none(api: Client, body: str) -> None:
    answer = api.post(URL, body.encode("latin-1"), content_type="application/json")
    assert 400 <= answer.status_code < 500 and not Invitation.objects.exists()


def test_users_and_invited_people_are_not_invited_again(actor: Actor, admin: User) -> None:
    with pytest.raises(Conflict) as known:
        invitations.invite(actor, admin.email.upper(), "salesperson")
    assert known.value.code == "user.exists"
    first = invitations.invite(actor, BODY["email"], "salesperson")
    with pytest.raises(Conflict) as pending:
        invitations.invite(actor, BODY["email"], "salesperson")
    assert pending.value.code == "invitation.pending" and pending.value.details == {"id": str(first.pk)}


def test_without_the_right_nobody_invites_or_reads(workspace: Tenant) -> None:
    login = User.objects.create_user("seller@acme.test", PASSWORD)
    people.create_system_user("Seller", login.email, login_id=login.pk, roles=["salesperson"])
    _token, secret = create_api_token(login, "test")
    seller = Client(SERVER_NAME="acme.localhost", headers={"authorization": f"Bearer {secret}"})
    for answer in (
        post(seller, URL, BODY),
        seller.get(URL),
        post(seller, f"{URL}/{uuid.uuid4()}/actions/revoke"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "privilege.missing")
    anonymous = Client(SERVER_NAME="acme.localhost")
    assert anonymous.get(URL).status_code == post(anonymous, URL, BODY).status_code == 401


def test_only_administrators_invite_administrators(workspace: Tenant) -> None:
    login = User.objects.create_user("hr@acme.test", PASSWORD)
    Role.objects.create(name="People", key="people", capabilities=["manage_users"])
    people.create_system_user("Hanna", login.email, login_id=login.pk, roles=["people", "salesperson"])
    hanna = actor_for_login(login.pk, "screen")
    with pytest.raises(Forbidden):
        invitations.invite(hanna, BODY["email"], "system_administrator")
    with pytest.raises(Forbidden):  # nobody grants what he lacks (PLT-40 Limits)
        invitations.invite(hanna, BODY["email"], "sales_vp")
    assert invitations.invite(hanna, BODY["email"], "salesperson").pk


def test_an_expired_link_is_refused(actor: Actor) -> None:
    invitations.invite(actor, BODY["email"], "salesperson")
    path = path_in(sent(BODY["email"])[0])
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        answer = join(path)[1]
    assert answer.status_code == 410 and 'data-code="invitation.expired"' in answer.content.decode()
    assert not User.objects.filter(email=BODY["email"]).exists()


def test_a_withdrawn_invitation_is_refused(api: Client) -> None:
    made = post(api, URL, BODY).json()
    path = path_in(sent(BODY["email"])[0])
    assert post(api, f"{URL}/{made['id']}/actions/revoke").json()["state"] == "revoked"
    assert join(path)[1].status_code == 410
    again = post(api, f"{URL}/{made['id']}/actions/revoke")
    assert (again.status_code, again.json()["code"]) == (409, "invitation.not_pending")
    assert post(api, URL, BODY).status_code == 201  # and may be made anew


def test_sending_again_replaces_the_link_and_is_throttled(api: Client) -> None:
    made = post(api, URL, BODY).json()
    soon = post(api, f"{URL}/{made['id']}/actions/resend")
    assert (soon.status_code, soon.json()["code"]) == (429, "invitation.resend_too_soon")
    now = timezone.now()
    for number in range(1, 5):
        with time_machine.travel(now + number * timedelta(minutes=3), tick=False):
            assert post(api, f"{URL}/{made['id']}/actions/resend").status_code == 200
    with time_machine.travel(now + timedelta(minutes=20), tick=False):
        assert post(api, f"{URL}/{made['id']}/actions/resend").status_code == 429
    old, *_between, new = sent(BODY["email"])
    assert join(path_in(old))[1].status_code == 404
    assert join(path_in(new))[1].status_code == 303


def test_a_link_of_another_workspace_is_unknown(actor: Actor, other_workspace: Tenant) -> None:
    invitations.invite(actor, BODY["email"], "salesperson")
    path = path_in(sent(BODY["email"])[0])
    stranger = Client(SERVER_NAME="globex.localhost")
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"name": "Bea", "password": PASSWORD}).status_code == 404
    assert join(path)[1].status_code == 303


def test_an_invitation_of_another_workspace_is_absent(api: Client, other_workspace: Tenant) -> None:
    with activate(other_workspace):
        admin = User.objects.filter(is_admin=True)[0]
        foreign = invitations.invite(actor_for_login(admin.pk, "screen"), BODY["email"], "salesperson")
    assert post(api, f"{URL}/{foreign.pk}/actions/revoke").status_code == 404
    assert all(row["id"] != str(foreign.pk) for row in api.get(URL).json()["rows"])


def _limit(tenant: Tenant, **limits: int) -> None:
    with activate_public():
        row = Tenant.objects.get(pk=tenant.pk)
        row.entitlements = {**row.entitlements, "limits": {**row.entitlements.get("limits", {}), **limits}}
        row.save(update_fields=["entitlements"])
    tenant.entitlements = row.entitlements


def test_inviting_needs_a_free_seat(api: Client, workspace: Tenant) -> None:
    _limit(workspace, users=User.objects.filter(is_active=True).count())
    answer = post(api, URL, BODY)
    assert (answer.status_code, answer.json()["code"]) == (402, "plan.seats")


def test_joining_needs_a_free_seat(api: Client, workspace: Tenant) -> None:
    post(api, URL, BODY)
    path = path_in(sent(BODY["email"])[0])
    _limit(workspace, users=User.objects.filter(is_active=True).count())
    answer = join(path)[1]
    assert answer.status_code == 402 and 'data-code="plan.seats"' in answer.content.decode()
    assert not User.objects.filter(email=BODY["email"]).exists()
    _limit(workspace, users=50)
    assert join(path)[1].status_code == 303  # the invitation was not used up


def test_only_so_many_invitations_a_day(api: Client, workspace: Tenant) -> None:
    _limit(workspace, invitations_per_day=2)
    statuses = [post(api, URL, {**BODY, "email": f"c{n}@colleague.test"}).status_code for n in range(3)]
    assert statuses == [201, 201, 402]


@pytest.mark.parametrize("password", ["", "short", "bea@colleague.test", "a" * 1025])
def test_weak_passwords_are_refused(actor: Actor, password: str) -> None:
    invitations.invite(actor, BODY["email"], "salesperson")
    answer = join(path_in(sent(BODY["email"])[0]), password=password)[1]
    assert answer.status_code == 422 and 'id="error_password"' in answer.content.decode()


def test_joining_ends_the_session_of_whoever_sat_there_before(actor: Actor, admin: User) -> None:
    invitations.invite(actor, BODY["email"], "salesperson")
    browser = Client(SERVER_NAME="acme.localhost")
    browser.force_login(admin, backend="tenants.identity.backends.WorkspaceBackend")
    browser.post(path_in(sent(BODY["email"])[0]), {"name": "Bea", "password": PASSWORD})
    with activate_public():
        tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        assert browser.session["_auth_user_id"] == str(User.objects.get(email=BODY["email"]).pk)


@pytest.mark.real_commit
def test_five_join_at_once_with_one_seat_left(committed_database: None) -> None:
    """Exactly one gets it (SAAS.md C2)."""
    tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        admin = User.objects.filter(is_admin=True)[0]
        acting = actor_for_login(admin.pk, "screen")
        for number in range(5):
            invitations.invite(acting, f"c{number}@colleague.test", "salesperson")
        seats = User.objects.filter(is_active=True).count() + 1
    _limit(tenant, users=seats)
    paths = [path_in(sent(f"c{number}@colleague.test")[0]) for number in range(5)]

    def accept(path: str) -> int:
        return join(path)[1].status_code

    statuses = at_once([partial(accept, path) for path in paths])
    assert sorted(statuses) == [303, 402, 402, 402, 402]
    with activate(tenant):
        assert User.objects.filter(is_active=True).count() == seats
