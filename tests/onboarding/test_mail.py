"""Mail waits as rows, leaves once, and is readable where there is no mail server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client, override_settings
from django.utils import timezone

from onboarding.mailbox import BACKEND, messages
from onboarding.mailbox.backend import MailboxBackend
from onboarding.models import OutgoingMail
from onboarding.services import mail
from tenants.identity.models import User

KINDS = {
    "confirm": {"name": "Ada", "company": "Alpha", "link": "http://x.test/l", "hours": 24, "workspaces": []},
    "confirm_known": {
        "name": "Ada", "company": "Alpha", "link": "http://x.test/l", "hours": 24,
        "workspaces": [{"name": "Acme", "url": "http://acme.test"}],
    },
    "trial_limit": {"name": "Ada", "most": 3, "days": 30, "workspaces": [{"name": "A", "url": "http://a.test"}]},
    "workspaces": {"workspaces": [{"name": "Acme", "url": "http://acme.test"}]},
    "welcome": {"name": "Ada", "workspace": "Alpha", "url": "http://a.test", "find_url": "http://f.test", "trial_days": 30},
    "trial_ending": {
        "workspace": "Alpha", "ends_on": timezone.now(), "days": 3, "url": "http://a.test",
        "pricing_url": "http://p.test",
    },
    "invitation": {
        "name": "Bo", "inviter": "Ada", "inviter_email": "ada@alpha.test", "workspace": "Alpha",
        "link": "http://x.test/l", "days": 7,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_mail_exists_in_both_languages_as_text_and_html(database: None, kind: str) -> None:
    english = mail.queue(kind, "a@alpha.test", "en", KINDS[kind])
    german = mail.queue(kind, "a@alpha.test", "de", KINDS[kind])
    assert english.subject and german.subject and english.subject != german.subject
    assert english.text != german.text
    for row in (english, german):
        assert "{{" not in row.text + row.html and "{%" not in row.text + row.html
        assert "<img" not in row.html and "<script" not in row.html
        for value in KINDS[kind].values():
            if isinstance(value, str) and value.startswith("http"):
                assert value in row.text and value in row.html


def test_names_cannot_write_headers_or_markup(database: None) -> None:
    values = KINDS["welcome"] | {"workspace": "Evil\r\nBcc: eve@evil.test <b>&", "name": "<script>x</script>"}
    row = mail.queue("welcome", "a@alpha.test", "en", values)
    assert "\n" not in row.subject and "<script>" not in row.html
    parsed = mail.message_of(row).message()
    assert parsed["Bcc"] is None and parsed["To"] == "a@alpha.test"


def test_a_mail_leaves_once_and_its_text_is_forgotten(database: None) -> None:
    row = mail.queue("confirm", "a@alpha.test", "en", KINDS["confirm"])
    assert mail.deliver(row.pk) and not mail.deliver(row.pk)
    (sent,) = django_mail.outbox
    assert sent.extra_headers["Message-ID"].startswith(f"<{row.pk}@")
    assert "http://x.test/l" in sent.body and sent.alternatives[0][1] == "text/html"
    row.refresh_from_db()
    assert row.state == OutgoingMail.State.SENT and row.text == row.html == ""


def test_a_failing_server_is_tried_again_later(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    row = mail.queue("confirm", "a@alpha.test", "en", KINDS["confirm"])

    def refuses(self: Any, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuses)
    now = timezone.now()
    for attempt in range(1, mail.MOST_ATTEMPTS + 1):
        assert mail.deliver_waiting(now) == 0
        row.refresh_from_db()
        assert row.attempts == attempt and "nobody there" in row.error and row.text
        assert mail.deliver_waiting(row.next_try_at - timedelta(seconds=1)) == 0
        now = row.next_try_at
    assert row.state == OutgoingMail.State.GIVEN_UP


def test_one_refused_mail_keeps_no_other_back(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    OutgoingMail.objects.all().delete()
    mail.queue("confirm", "bad@alpha.test", "en", KINDS["confirm"])
    mail.queue("confirm", "good@alpha.test", "en", KINDS["confirm"])
    original = EmailMultiAlternatives.send

    def picky(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == ["bad@alpha.test"]:
            raise OSError("mailbox full")
        return original(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", picky)
    assert mail.deliver_waiting() == 1
    assert [sent.to for sent in django_mail.outbox] == [["good@alpha.test"]]


def test_finding_workspaces_answers_the_same_and_mails_the_difference(visitor: Client) -> None:
    from onboarding.services.signup import remember_member
    from tenants.models import Tenant

    remember_member("ada@acme.test", Tenant.objects.get(domains__slug="acme"))
    pages = [visitor.post("/find/", {"email": email}) for email in ("ada@acme.test", "who@acme.test")]
    texts = [p.content.decode().replace("ada@", "X@").replace("who@", "X@") for p in pages]
    assert texts[0].partition("<main")[2] == texts[1].partition("<main")[2]
    known, unknown = OutgoingMail.objects.order_by("created_at")
    assert "http://acme.localhost" in known.text and "http://" not in unknown.text


def test_finding_does_not_list_suspended_or_deleted_workspaces(visitor: Client) -> None:
    from onboarding.services.signup import remember_member, workspaces_of
    from tenants.models import Tenant, TenantState

    tenant = Tenant.objects.get(domains__slug="acme")
    remember_member("ada@acme.test", tenant)
    Tenant.objects.filter(pk=tenant.pk).update(state=TenantState.DELETED)
    assert workspaces_of("ada@acme.test") == []


@pytest.mark.parametrize("email", ["", "x", "ada@mailinator.com"])
def test_finding_refuses_what_is_no_address(visitor: Client, email: str) -> None:
    assert visitor.post("/find/", {"email": email}).status_code == 422


def test_finding_floods_nobody(visitor: Client) -> None:
    statuses = [visitor.post("/find/", {"email": "ada@acme.test"}).status_code for _ in range(25)]
    assert statuses == [200] * 20 + [429] * 5
    assert OutgoingMail.objects.filter(to="ada@acme.test").count() == 5


@pytest.fixture
def mailbox(database: None, tmp_path: Path) -> Any:
    """The local mailbox in a folder of its own, and a reader at this machine."""
    with override_settings(EMAIL_BACKEND=BACKEND, EMAIL_FILE_PATH=str(tmp_path / "out")):
        yield Client(SERVER_NAME="ops.localhost")


def _send(subject: str = "Hello", html: str = "<p>Hi</p>", to: str = "ada@alpha.test") -> messages.Message:
    message = EmailMultiAlternatives(subject, "Hi http://x.test/l", "no-reply@localhost", [to])
    message.attach_alternative(html, "text/html")
    assert MailboxBackend().send_messages([message]) == 1
    return messages.recent(1)[0]


def test_the_mailbox_shows_what_was_sent(mailbox: Client) -> None:
    assert "No messages yet" in mailbox.get("/mailbox/").content.decode()
    stored = _send("Grüße & <b>")
    listed = mailbox.get("/mailbox/").content.decode()
    assert "Grüße &amp; &lt;b&gt;" in listed and "ada@alpha.test" in listed
    page = mailbox.get(f"/mailbox/{stored.name}/").content.decode()
    assert '<a href="http://x.test/l"' in page
    assert "No messages to" in mailbox.get("/mailbox/?to=bob@").content.decode()


def test_messages_can_do_nothing_on_the_page(mailbox: Client) -> None:
    evil = '<p onclick="x()">a</p><script>alert(1)</script><iframe src=//evil.test></iframe><img src=//evil.test/x>'
    stored = _send(html=evil + '<form action=//evil.test><input></form><a href="javascript:x()">b</a>')
    body = mailbox.get(f"/mailbox/{stored.name}/body/")
    text = body.content.decode()
    for part in ("script", "onclick", "iframe", "evil.test", "<form", "javascript:"):
        assert part not in text, part
    assert (
        body["Content-Security-Policy"].startswith("sandbox")
        and "script" not in body["Content-Security-Policy"]
    )
    assert body["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "x", "1" * 13 + "-" + "g" * 12, "%2e%2e%2fsecret_key", ""]
)
def test_only_messages_are_read(mailbox: Client, name: str) -> None:
    _send()
    assert mailbox.get(f"/mailbox/{name}/x/").status_code == 404
    assert messages.read(name) is None


def test_the_mailbox_is_for_this_machine_and_operators(mailbox: Client) -> None:
    _send()
    assert mailbox.get("/mailbox/", REMOTE_ADDR="203.0.113.7").status_code == 404
    assert mailbox.get("/mailbox/", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 404
    operator = User.objects.create_user("op@provider.test", "x" * 12, is_operator=True)
    mailbox.force_login(operator, backend="tenants.identity.backends.WorkspaceBackend")
    assert mailbox.get("/mailbox/", REMOTE_ADDR="203.0.113.7").status_code == 200


@pytest.mark.parametrize("host", ["localhost", "acme.localhost", "unknown.localhost"])
def test_the_mailbox_is_on_the_operators_host_only(mailbox: Client, host: str) -> None:
    _send()
    answer = Client(SERVER_NAME=host).get("/mailbox/")
    assert answer.status_code in (302, 404) and b"ada@alpha.test" not in answer.content


@pytest.mark.parametrize(
    "changed",
    [{"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, {"KONTOR_ENV": "production"}],
)
def test_there_is_no_mailbox_with_a_mail_server_or_in_production(
    mailbox: Client, changed: dict[str, str]
) -> None:
    _send()
    with override_settings(**changed):
        assert mailbox.get("/mailbox/").status_code == 404


def test_messages_are_readable_for_their_owner_only(mailbox: Client) -> None:
    _send()
    (file,) = Path(settings.EMAIL_FILE_PATH).glob("*.eml")
    assert file.stat().st_mode & 0o077 == 0
