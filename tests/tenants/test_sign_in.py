"""Guessing is slowed down, and no answer tells who has an account (A1, A3, I19)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants import hosts
from tenants.identity import mail, throttle
from tenants.identity.models import IdentityMail, LoginThrottle, OneTimeToken, Session, User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh(settings):
    hosts.forget()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def pat(workspace):
    return User.objects.create_user("Pat@Example.com", PASSWORD, full_name="Pat Doe", is_admin=True)


def client(**headers) -> Client:
    return Client(headers={"host": "acme.localhost", **headers})


def try_login(email: str, password: str, address: str = "10.0.0.1", **headers):
    return client(**headers).post("/login/", {"email": email, "password": password}, REMOTE_ADDR=address)


def body(answer) -> bytes:
    """The page without what differs by nature: the form's token and the address that was typed."""
    text = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)
    return re.sub(rb'value="[^"]*@[^"]*"', b"", text)


def test_sign_in_by_any_spelling_of_the_address(pat):
    for email in ("pat@example.com", "PAT@EXAMPLE.COM", "  Pat@example.com "):
        assert try_login(email, PASSWORD).status_code == 302


#: Of one sign-in, the log's entry and the session's row included; BEGIN and COMMIT come to it (PERFORMANCE 4 k: 8).
MOST_STATEMENTS = 6


@pytest.mark.parametrize("first", [True, False])
def test_sign_in_takes_few_statements(pat, first):
    """Also on a connection that knows no path yet, as each request finds it where connections are pooled."""
    try_login("pat@example.com", PASSWORD)
    if first:
        connection.forget_search_path()
    with CaptureQueriesContext(connection) as queries:
        assert try_login("pat@example.com", PASSWORD).status_code == 302
    sent = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(sent) <= MOST_STATEMENTS, sent
    assert "search_path" in sent[0] or not first


def test_address_is_unique_whatever_its_spelling(pat):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("PAT@example.com", PASSWORD)


def test_password_is_hashed_with_argon2_in_production():
    from saas.settings import base

    hashers = [name for name in base.PASSWORD_HASHERS if "MD5" not in name]
    assert hashers[0].endswith("Argon2PasswordHasher")


def test_wrong_password_and_unknown_account_get_the_same_page(pat):
    wrong, unknown = try_login("pat@example.com", "nope"), try_login("nobody@example.com", "nope")
    User.objects.filter(pk=pat.pk).update(is_active=False)
    inactive = try_login("pat@example.com", PASSWORD, "10.0.0.3")
    assert wrong.status_code == unknown.status_code == inactive.status_code == 422
    assert body(wrong) == body(unknown) == body(inactive)


@pytest.mark.parametrize("email", ["pat@example.com", "nobody@example.com"])
def test_failures_close_the_account_known_or_not(pat, email, time_machine):
    """Waiting each delay out, the tenth failure closes the account for a quarter of an hour."""
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    for number in range(1, 11):
        assert try_login(email, "nope", f"10.0.1.{number}").status_code == 422
        if number < 10:
            time_machine.shift(throttle.delay_after("account:", number).total_seconds() + 1)
    refused = try_login(email, "nope", "10.0.2.1")
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")


def test_refusal_while_closed_is_the_same_page(pat):
    for _ in range(4):
        wrong = try_login("pat@example.com", "nope")
    closed = try_login("pat@example.com", PASSWORD)
    assert (wrong.status_code, closed.status_code) == (422, 429)
    assert body(wrong) == body(closed)


def test_delay_grows_and_ends_in_a_lock():
    delays = [throttle.delay_after("account:x", n).total_seconds() for n in range(1, 12)]
    assert delays == [0, 0, 0, 2, 4, 8, 16, 32, 64, 900, 900]
    assert throttle.delay_after("address:x", 20).total_seconds() == 0
    assert throttle.delay_after("address:x", 500) == throttle.LONGEST_ADDRESS_DELAY


def test_locked_account_refuses_the_right_password_and_tells_its_owner(pat, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    for number in range(10):
        LoginThrottle.objects.update(blocked_until=None)
        try_login("pat@example.com", "nope", f"10.0.1.{number}")
    answer = try_login("pat@example.com", PASSWORD, "10.0.9.9")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == 900
    assert b"locked" not in answer.content.lower()
    assert IdentityMail.objects.get().kind == "account_locked"
    mail.deliver_due()
    assert outbox.outbox[0].to == ["pat@example.com"]
    time_machine.shift(901)
    assert try_login("pat@example.com", PASSWORD, "10.0.9.9").status_code == 302
    assert not LoginThrottle.objects.filter(pk=throttle.account_key("pat@example.com")).exists()


def test_one_password_on_many_accounts_is_throttled_by_address(pat, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # on a busy machine the first delays would be over
    statuses = [try_login(f"user{n}@example.com", "Summer2026!", "10.6.6.6").status_code for n in range(40)]
    assert statuses[:21] == [422] * 21
    assert set(statuses[22:]) == {429}
    assert try_login("pat@example.com", PASSWORD, "10.6.6.6").status_code == 429
    assert try_login("pat@example.com", PASSWORD, "10.7.7.7").status_code == 302


def test_signing_in_does_not_buy_the_address_fresh_guesses(pat, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for number in range(15):
        try_login(f"user{number}@example.com", "nope", "10.6.6.6")
    assert try_login("pat@example.com", PASSWORD, "10.6.6.6").status_code == 302
    for number in range(15, 30):
        last = try_login(f"user{number}@example.com", "nope", "10.6.6.6")
    assert last.status_code == 429


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("pat@example.com", ""), ("", PASSWORD), ("pat@example.com", "x" * 1_000_000), ("pat@example.com", PASSWORD + "\0"),
        ("pat@example.com\0", PASSWORD), ("x" * 10_000 + "@example.com", "y"), ("' OR 1=1 --", "y"),
        ("pat@example.com", PASSWORD + " "), ("рat@example.com", PASSWORD),
    ],
)  # fmt: skip
def test_odd_input_is_an_ordinary_refusal(pat, email, password):
    assert try_login(email, password).status_code in {400, 413, 422}
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/logout/", "x"],
)
def test_next_stays_on_this_host(pat, target):
    answer = client().post("/login/", {"email": "pat@example.com", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


def test_next_is_followed(pat):
    data = {"email": "pat@example.com", "password": PASSWORD, "next": "/accounts?view=1"}
    assert client().post("/login/", data)["Location"] == "/accounts?view=1"


def test_forms_need_their_token(pat):
    strict = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=True)
    for path in ("/login/", "/logout/", "/password/forgot/"):
        assert strict.post(path, {"email": "pat@example.com", "password": PASSWORD}).status_code == 403
    assert Session.objects.count() == 0


def test_pages_speak_the_browsers_language(pat):
    assert b"Passwort vergessen?" in client(**{"accept-language": "de"}).get("/login/").content
    assert b"Forgot password?" in client(**{"accept-language": "en"}).get("/login/").content


def reset_link(pat: User) -> str:
    client().post("/password/forgot/", {"email": pat.email})
    mail.deliver_due()
    return re.search(r"http://acme\.localhost\S*?(/password/reset/\S+/)", outbox.outbox[-1].body).group(1)


def test_reset_goes_all_the_way(pat):
    signed_in = client()
    signed_in.post("/login/", {"email": pat.email, "password": PASSWORD})
    browser = client()
    page = browser.get(reset_link(pat))
    assert (page.status_code, page["Location"]) == (302, "/password/reset/set/")
    assert browser.get("/password/reset/set/").status_code == 200
    weak = browser.post("/password/reset/set/", {"password": "short"})
    assert weak.status_code == 422
    done = browser.post("/password/reset/set/", {"password": "an entirely new phrase"})
    assert done.status_code == 200
    assert try_login(pat.email, PASSWORD).status_code == 422
    assert try_login(pat.email, "an entirely new phrase").status_code == 302
    assert signed_in.get("/login/").status_code == 200, "other sessions were ended"
    mail.deliver_due()
    assert "was changed" in outbox.outbox[-1].subject


def test_reset_link_works_once(pat):
    link = reset_link(pat)
    browser = client()
    browser.get(link)
    browser.post("/password/reset/set/", {"password": "an entirely new phrase"})
    for attempt in (client().get(link), browser.get(link), browser.get("/password/reset/set/")):
        assert attempt.status_code == 410


def test_looking_at_the_link_uses_nothing_up(pat):
    link = reset_link(pat)
    for _scanner in range(3):
        client().get(link)
    browser = client()
    browser.get(link)
    assert browser.post("/password/reset/set/", {"password": "an entirely new phrase"}).status_code == 200


def test_reset_link_dies_with_time_password_change_newer_link_or_user(pat, time_machine):
    time_machine.move_to(timezone.now())
    old = reset_link(pat)
    newer = reset_link(pat)
    assert client().get(old).status_code == 410
    pat.set_password("changed another way")
    pat.save()
    assert client().get(newer).status_code == 410
    third = reset_link(pat)
    User.objects.update(is_active=False)
    assert client().get(third).status_code == 410
    User.objects.update(is_active=True)
    assert client().get(third).status_code == 302
    time_machine.shift(timedelta(hours=2, seconds=1))
    assert client().get(third).status_code == 410


def test_reset_link_works_only_in_its_workspace(pat, other_workspace):
    assert Client(headers={"host": "globex.localhost"}).get(reset_link(pat)).status_code == 410


def test_reset_mail_leads_to_the_primary_domain(pat):
    """An evil Host header reaches no workspace at all, and a custom domain is not taken over (T8)."""
    from tenants.context import activate_public, current_tenant
    from tenants.models import Domain

    tenant = current_tenant()
    with activate_public():
        Domain.objects.create(tenant=tenant, domain="crm.acme.example", is_primary=False)
    answer = Client(headers={"host": "crm.acme.example"}).post("/password/forgot/", {"email": pat.email})
    assert answer.status_code == 302
    mail.deliver_due()
    assert "http://acme.localhost" in outbox.outbox[-1].body
    assert "crm.acme.example" not in outbox.outbox[-1].body


def test_forgot_leaves_the_same_trace_for_known_and_unknown(pat):
    # the first request sends the search path; the host is looked up in each, as what is known of hosts may be dropped anytime
    client().post("/password/forgot/", {"email": "somebody.else@example.com"})
    counts = []
    for email in (pat.email, "nobody@example.com"):
        hosts.forget()
        with CaptureQueriesContext(connection) as queries:
            answer = client().post("/password/forgot/", {"email": email})
        assert (answer.status_code, answer["Location"]) == (302, "/password/sent/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert IdentityMail.objects.count() == 3
    mail.deliver_due()
    assert len(outbox.outbox) == 1
    assert IdentityMail.objects.count() == 0


def test_reset_requests_are_limited_without_telling(pat):
    for _ in range(8):
        assert client().post("/password/forgot/", {"email": pat.email}).status_code == 302
    assert IdentityMail.objects.count() == throttle.MOST_RESETS


def test_mail_that_cannot_leave_is_tried_again(pat, monkeypatch, time_machine):
    time_machine.move_to(timezone.now())
    client().post("/password/forgot/", {"email": pat.email})
    monkeypatch.setattr(
        outbox.EmailMessage, "send", lambda *_a, **_k: (_ for _ in ()).throw(OSError("no route"))
    )
    assert mail.deliver_due() == 0
    row = IdentityMail.objects.get()
    assert (row.attempts, row.error) == (1, "OSError: no route")
    assert OneTimeToken.objects.count() == 0, "no link of a mail nobody got"
    monkeypatch.undo()
    assert mail.deliver_due() == 0
    time_machine.shift(61)
    assert mail.deliver_due() == 1


def test_name_in_mail_cannot_inject_headers_or_markup(pat):
    from tenants.context import current_tenant

    pat.full_name = "<img src=x onerror=alert(1)>"
    pat.save()
    current_tenant().name = "Evil\r\nBcc: all@example.com"
    client().post("/password/forgot/", {"email": pat.email})
    mail.deliver_due()
    message = outbox.outbox[-1]
    assert "\n" not in message.subject and "\r" not in message.subject
    assert "<img" not in message.alternatives[0][0]
