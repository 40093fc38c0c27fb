"""Operators come in with both factors, do what their role allows, and every step is written down (ASP-1, A5, T20)."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client, override_settings
from django.utils import timezone

from tenants import hosts, sealing
from tenants.context import activate_public
from tenants.identity import mail as identity_mail
from tenants.identity import throttle
from tenants.identity.models import LoginThrottle, SecondFactor, Session, User
from tenants.identity.tokens import issue_one_time
from tenants.models import OperatorAudit, Tenant
from tenants.operator.errors import Refused
from tenants.operator.models import Operator, Role
from tenants.operator.services import operators as service
from tests.tenants import operators
from tests.tenants.operators import HOST, PASSWORD, code_of, password_given


@pytest.fixture(autouse=True)
def _fresh_hosts(database):
    hosts.forget()


def test_the_password_alone_opens_nothing():
    operators.make()
    client = password_given("op@example.com")
    for path in ("/", "/audit/", "/tenants.csv"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/login/")
    assert client.get("/mailbox/", REMOTE_ADDR="203.0.113.7").status_code == 404


def test_the_first_sign_in_sets_up_the_app_and_shows_recovery_codes_once():
    with activate_public():
        made = service.create("new@example.com", "New", Role.OPERATOR, by="test", password=PASSWORD)
    client = password_given("new@example.com")
    page = client.get("/login/set-up/")
    secret = re.search(r'class="code">([A-Z2-7 ]{32,})<', page.content.decode()).group(1).replace(" ", "")
    assert client.post("/login/set-up/", {"code": "000000"}).status_code == 422
    done = client.post("/login/set-up/", {"code": code_of(secret)})
    codes = re.findall(r"<li class=\"code\">([a-z2-9-]{14})</li>", done.content.decode())
    assert len(set(codes)) == 10
    assert client.get("/").status_code == 200
    kept = SecondFactor.objects.get(user=made.user)
    assert secret not in kept.secret and sealing.unseal(kept.secret) == secret
    assert len(kept.recovery_hashes) == 10 and not set(kept.recovery_hashes) & set(codes), (
        "only hashes are kept"
    )
    # The secret is never shown again: the set-up page is closed to an operator who has an app.
    again = password_given("new@example.com")
    assert again.get("/login/set-up/")["Location"].startswith("/login/")
    recovered = again.post("/login/code/", {"code": codes[0].upper()})
    assert recovered.status_code == 302 and again.get("/").status_code == 200
    third = password_given("new@example.com")
    assert third.post("/login/code/", {"code": codes[0]}).status_code == 422, "a recovery code works once"


def test_a_code_works_once_and_old_ones_not_at_all():
    _operator, secret = operators.make()
    now = code_of(secret)
    assert password_given("op@example.com").post("/login/code/", {"code": now}).status_code == 302
    assert password_given("op@example.com").post("/login/code/", {"code": now}).status_code == 422
    assert (
        password_given("op@example.com").post("/login/code/", {"code": code_of(secret, -1)}).status_code
        == 422
    )
    assert (
        password_given("op@example.com").post("/login/code/", {"code": code_of(secret, -3)}).status_code
        == 422
    )


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 400, "'; --", "\x00"])
def test_odd_codes_are_refused(code):
    operators.make()
    client = password_given("op@example.com")
    assert client.post("/login/code/", {"code": code}).status_code in (400, 422)
    assert client.get("/").status_code == 302


def test_guessing_codes_locks_the_account_for_the_right_code_too():
    _operator, secret = operators.make()
    client = password_given("op@example.com")
    statuses = [client.post("/login/code/", {"code": f"{number:06}"}).status_code for number in range(4)]
    assert statuses == [422] * 4
    assert client.post("/login/code/", {"code": code_of(secret)}).status_code == 429, (
        "the delay holds for all"
    )
    with activate_public():
        LoginThrottle.objects.filter(key__startswith="code:").update(failures=9, blocked_until=None)
        assert throttle.take_code_try(_operator.pk, "203.0.113.9").is_last
    answer = password_given("op@example.com").post("/login/code/", {"code": code_of(secret)})
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 60
    with activate_public():
        assert OperatorAudit.objects.filter(act="operator.code_refused").count() == 4


def test_the_half_signed_in_state_ends_after_ten_minutes():
    _operator, secret = operators.make()
    client = password_given("op@example.com")
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=11), tick=False):
        answer = client.post("/login/code/", {"code": code_of(secret)})
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


@pytest.mark.parametrize(("minutes", "open_still"), [(29, True), (31, False), (11 * 60, False)])
def test_idle_and_over_long_sessions_end(minutes, open_still):
    client = operators.signed_in()
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=minutes), tick=False):
        assert (client.get("/").status_code == 200) is open_still


def test_a_session_without_the_second_factor_is_no_operators():
    made, _secret = operators.make()
    client = Client(headers={"host": HOST})
    client.force_login(made.user, backend="tenants.identity.backends.WorkspaceBackend")
    assert client.get("/").status_code == 302


def test_a_sign_in_link_does_not_go_around_the_second_factor():
    made, _secret = operators.make()
    with activate_public():
        secret = issue_one_time(made.user, "sign_in")
    client = Client(headers={"host": HOST})
    assert client.get(f"/enter/{secret}/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


ROLES = {
    Role.OPERATOR: {"/": 200, "/create/": 200, "/operators/": 200, "/audit/": 200, "delete": 200},
    Role.SUPPORT: {"/": 200, "/create/": 403, "/operators/": 403, "/audit/": 200, "delete": 403},
    Role.BILLING: {"/": 200, "/create/": 403, "/operators/": 403, "/audit/": 200, "delete": 403},
    Role.READ_ONLY: {"/": 200, "/create/": 403, "/operators/": 403, "/audit/": 200, "delete": 403},
}


@pytest.mark.parametrize("role", ROLES)
def test_roles(role, other_workspace):
    client = operators.signed_in(role=role)
    for path, status in ROLES[role].items():
        path = f"/tenants/{other_workspace.pk}/acts/tenant.delete/" if path == "delete" else path
        assert client.get(path).status_code == status, (role, path)
    if role != Role.OPERATOR:
        suspend = f"/tenants/{other_workspace.pk}/acts/tenant.suspend/"
        assert client.post(suspend, {"reason": "because I can"}).status_code == 403
        assert Tenant.objects.get(pk=other_workspace.pk).held_from is None
        assert (
            client.post(
                "/operators/", {"email": "x@example.com", "name": "X", "role": "operator"}
            ).status_code
            == 403
        )
        assert not User.objects.filter(email="x@example.com").exists()


def test_a_login_without_a_role_may_only_look():
    with activate_public():
        User.objects.create_user("old@example.com", PASSWORD, is_operator=True)
    client = password_given("old@example.com")
    page = client.get("/login/set-up/").content.decode()
    secret = re.search(r'class="code">([A-Z2-7 ]{32,})<', page).group(1).replace(" ", "")
    assert client.post("/login/set-up/", {"code": code_of(secret)}).status_code == 200
    assert Operator.objects.get(user__email="old@example.com").role == Role.READ_ONLY


def test_operators_are_added_changed_and_switched_off(mailoutbox):
    client = operators.signed_in()
    assert (
        client.post("/operators/", {"email": "Sue@Example.com", "name": "Sue", "role": "support"}).status_code
        == 302
    )
    sue = Operator.objects.get(user__email="sue@example.com")
    assert identity_mail.deliver_due() == 1
    assert mailoutbox[-1].to == ["sue@example.com"] and mailoutbox[-1].subject.startswith("Your access to")
    assert "/password/reset/" in mailoutbox[-1].body and "asked for a new password" not in mailoutbox[-1].body
    assert (
        client.post("/operators/", {"email": "sue@example.com", "name": "S", "role": "support"}).status_code
        == 409
    )
    path = f"/operators/{sue.pk}/"
    assert client.post(path + "role/", {"role": "billing", "reason": ""}).status_code == 422
    assert Operator.objects.get(pk=sue.pk).role == Role.SUPPORT
    assert client.post(path + "role/", {"role": "billing", "reason": "moved to billing"}).status_code == 302
    assert Operator.objects.get(pk=sue.pk).role == Role.BILLING
    assert client.post(path + "role/", {"role": "root", "reason": "moved to root"}).status_code == 422
    assert client.post(path + "disable/", {"reason": "left the company"}).status_code == 302
    assert not User.objects.get(pk=sue.pk).is_active
    acts = list(OperatorAudit.objects.order_by("at").values_list("act", "operator_email"))
    for act in ("operator.created", "operator.role_changed", "operator.disabled"):
        assert (act, "op@example.com") in acts


def test_the_last_operator_with_all_rights_stays():
    made, _secret = operators.make()
    for change in (
        lambda: service.change_role(made, Role.SUPPORT, by="x", reason="some reason"),
        lambda: service.switch(made, False, by="x", reason="some reason"),
    ):
        with pytest.raises(Refused, match=r"operator\.last"):
            change()
    made.refresh_from_db()
    assert made.role == Role.OPERATOR and User.objects.get(pk=made.pk).is_active


def test_a_lost_phone_is_reset_by_another_operator():
    client = operators.signed_in()
    lost, secret = operators.make("lost@example.com", Role.SUPPORT)
    his = password_given("lost@example.com")
    his.post("/login/code/", {"code": code_of(secret)})
    assert his.get("/").status_code == 200
    assert (
        client.post(f"/operators/{lost.pk}/reset/", {"reason": "phone fell into the sea"}).status_code == 302
    )
    assert his.get("/").status_code == 302, "his sessions end"
    assert not User.objects.get(pk=lost.pk).has_second_factor
    assert not SecondFactor.objects.filter(user_id=lost.pk).exists()
    answer = Client(headers={"host": HOST}).post(
        "/login/", {"email": "lost@example.com", "password": PASSWORD}
    )
    assert answer["Location"] == "/login/set-up/"


def test_switching_an_operator_off_ends_his_sessions_at_once():
    client = operators.signed_in()
    other, secret = operators.make("two@example.com", Role.OPERATOR)
    his = password_given("two@example.com")
    his.post("/login/code/", {"code": code_of(secret)})
    client.post(f"/operators/{other.pk}/disable/", {"reason": "left the company"})
    assert his.get("/").status_code == 302
    assert not Session.objects.filter(user_id=other.pk).exists()


def test_the_console_answers_to_its_networks_only():
    operators.make()
    client = Client(headers={"host": HOST})
    with override_settings(KONTOR_OPERATOR_NETWORKS=["10.0.0.0/8", "2001:db8::/32"]):
        assert client.get("/login/", REMOTE_ADDR="203.0.113.7").status_code == 404
        assert client.get("/login/", REMOTE_ADDR="10.1.2.3").status_code == 200
        assert client.get("/login/", REMOTE_ADDR="2001:db8::7").status_code == 200


def test_new_recovery_codes_need_a_code_and_replace_the_old():
    _made, secret = operators.make()
    client = password_given("op@example.com")
    client.post("/login/code/", {"code": code_of(secret)})
    before = set(SecondFactor.objects.get().recovery_hashes)
    assert client.post("/account/", {"code": "000000"}).status_code == 422
    assert set(SecondFactor.objects.get().recovery_hashes) == before
    answer = client.post("/account/", {"code": code_of(secret, 1)})
    assert answer.status_code == 200 and b'class="codes"' in answer.content
    assert not set(SecondFactor.objects.get().recovery_hashes) & before


def test_csrf_is_required(other_workspace):
    client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    signed = operators.signed_in()
    client.cookies = signed.cookies
    answer = client.post(f"/tenants/{other_workspace.pk}/acts/tenant.suspend/", {"reason": "because I can"})
    assert answer.status_code == 403
    assert Tenant.objects.get(pk=other_workspace.pk).held_from is None


def test_sealed_secrets_survive_a_key_rotation_and_refuse_strangers(settings):
    sealed = sealing.seal("JBSWY3DPEHPK3PXP")
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key of some length", [old]
    assert sealing.unseal(sealed) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(sealed)
