"""Sandboxes: copies for trying things, with or without data, that follow their parent and write to nobody outside (PLT-13)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail as sent_mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from billing.services import lifecycle
from crm_core.exchange.solutions import installing
from crm_core.metadata import registry
from crm_core.records.models import AuditEntry
from crm_core.security.models import Role, SystemUser
from onboarding.models import OutgoingMail
from onboarding.services import mail
from tenants import entitlements
from tenants.backup import loading
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import ApiToken, OAuthApplication, OAuthGrant, User
from tenants.identity.oauth import applications, grants
from tenants.lifecycle import holding, operations, sandbox_tenants, sandboxes
from tenants.models import Operation, Tenant
from tests.api_client import person
from tests.exchange import packed_solutions
from tests.exchange.moved_workspaces import working_in
from tests.sales_people import make
from tests.tenants.operators import again
from tests.tenants.packages import by_slug, content, files

pytestmark = pytest.mark.usefixtures("package_storage")


@pytest.fixture
def parent(workspace: Any, other_workspace: Any) -> Any:
    """A workspace with customization, people, a record, a file, a token, and room for two sandboxes."""
    with working_in(other_workspace):
        admin = packed_solutions.seeded_admin("Globex")
        packed_solutions.build(admin)
        make("account", admin, name="Nord AG")
    folder = Path(settings.MEDIA_ROOT) / other_workspace.schema_name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "drawing").write_bytes(b"drawn")
    with activate_public():
        row = Tenant.objects.get(pk=other_workspace.pk)
        row.entitlements = {
            **row.entitlements,
            "limits": {**row.entitlements.get("limits", {}), "sandboxes": 2},
        }
        row.save(update_fields=["entitlements"])
    return row


def done(operation: Operation) -> Operation:
    operations.run(operation.pk)
    with activate_public():
        operation.refresh_from_db()
    assert operation.state == Operation.State.DONE, operation.error
    return operation


def make_sandbox(parent: Tenant, slug: str = "globex-try", *, with_data: bool = True) -> Tenant:
    done(sandboxes.create(parent, name="Trial run", slug=slug, with_data=with_data, by="ada@example.com"))
    return by_slug(slug)


def test_a_sandbox_with_data_is_the_whole_workspace_and_one_of_its_own(parent: Any) -> None:
    with activate(parent):
        user = User.objects.first()
        ApiToken.objects.create(user=user, name="t", prefix="p", token_hash="h" * 64)
        app, _secret = applications.register(user, is_confidential=True, name="a", scopes=["read"])
        grants.give_code(app, user, "kc_", scopes=["read"], redirect_uri="https://a.example", challenge="c")
    before = content(parent)
    made = make_sandbox(parent)
    assert made.parent_id == parent.pk and made.state == parent.state and made.name == "Trial run"
    mine = content(made)
    assert {t for t in before if before[t] != mine.get(t)} <= {
        "identity_api_token",  # not carried
        "identity_oauth_application",
        "identity_oauth_grant",
        "records_job",  # stopped
    }
    assert files(made) == files(parent)
    with activate(made):
        assert not OAuthApplication.objects.exists() and not OAuthGrant.objects.exists()
        assert not ApiToken.objects.exists()  # what lets programs in there lets nobody in here
        registry.get("account").model.objects.update(name="Changed here")
    assert content(parent) == before


def test_a_sandbox_without_data_has_definitions_people_and_rights(parent: Any) -> None:
    made = make_sandbox(parent, with_data=False)
    assert files(made) == {}
    with working_in(parent):
        people, roles = SystemUser.objects.count(), Role.objects.count()
        version = registry.current().version
        names = {e.name for e in registry.all()}
    with working_in(made):
        assert {e.name for e in registry.all()} == names and registry.current().version == version
        assert (SystemUser.objects.count(), Role.objects.count()) == (people, roles)
        assert not registry.get("account").model.objects.exists() and not AuditEntry.objects.exists()
        actor = packed_solutions.actor_for(SystemUser.objects.get(email="ada@example.com").pk, "screen")
        assert actor is not None
        make("account", actor, name="Only here")
        make("c_boat", actor, name="Only here")


def test_people_sign_in_as_in_the_parent_and_see_where_they_are(parent: Any) -> None:
    with activate(parent):
        User.objects.create_user("kim@example.com", "correct horse battery staple")
    made = make_sandbox(parent)
    client = Client(headers={"host": "globex-try.localhost"})
    assert "Sandbox" in client.get("/login/").content.decode()
    with activate(made):
        assert User.objects.get(email="kim@example.com").check_password("correct horse battery staple")
    _user, api = person(made, "lee@example.com", "system_administrator")
    session = api.get("/session")[1]
    assert session["workspace"]["sandbox"] is True and session["workspace"]["name"] == "Trial run"
    _user, above = person(parent, "lee@example.com", "system_administrator")
    assert above.get("/session")[1]["workspace"]["sandbox"] is False


def test_mail_to_people_outside_stays_in(parent: Any) -> None:
    made = make_sandbox(parent)
    with activate(made):
        User.objects.create_user("kim@example.com", "correct horse battery staple")
        outside = mail.send_notice("customer@example.org", "en", {"subject": "Hello", "paragraphs": ["x"]})
        inside = mail.send_notice("Kim@example.com", "en", {"subject": "Hello", "paragraphs": ["x"]})
    with activate(parent):
        above = mail.send_notice("customer@example.org", "en", {"subject": "Hello", "paragraphs": ["x"]})
    mail.deliver_waiting()
    mail.deliver(outside.pk)
    with activate_public():
        states = {m.pk: m.state for m in OutgoingMail.objects.all()}
    assert (states[outside.pk], states[inside.pk], states[above.pk]) == ("withheld", "sent", "sent")
    told = [m.to[0] for m in sent_mail.outbox]
    assert told.count("Kim@example.com") == 1 and told.count("customer@example.org") == 1  # the parent's


def test_withheld_mail_is_read_by_administrators_of_the_sandbox_alone(parent: Any) -> None:
    made, other = make_sandbox(parent), make_sandbox(parent, "globex-two")
    for place, to in ((made, "one@example.org"), (made, "two@example.org"), (other, "three@example.org")):
        with activate(place):
            mail.send_notice(to, "en", {"subject": f"To {to}", "paragraphs": ["Your order is on its way."]})
    _user, admin = person(made, "lee@example.com", "system_administrator")
    status, found = admin.get("/withheld-mails")
    assert status == 200 and found["kept_days"] == 7
    assert [row["to"] for row in found["rows"]] == ["two@example.org", "one@example.org"]
    assert found["rows"][0]["subject"] == "To two@example.org" and "on its way" in found["rows"][0]["text"]
    _user, seller = person(made, "kim@example.com", "salesperson")
    assert seller.get("/withheld-mails")[0] == 403
    _user, above = person(parent, "lee@example.com", "system_administrator")
    status, refusal = above.get("/withheld-mails")
    assert (status, refusal["code"]) == (404, "sandbox.none")
    with activate_public():
        assert mail.purge(timezone.now() + timedelta(days=6)) == 0
        assert mail.purge(timezone.now() + timedelta(days=8)) == 3
    with activate(made):
        mail.send_notice("one@example.org", "en", {"subject": "Again", "paragraphs": ["x"]})


def test_a_sandbox_takes_its_withheld_mail_along(parent: Any) -> None:
    made, other = make_sandbox(parent), make_sandbox(parent, "globex-two")
    for place in (made, other):
        with activate(place):
            mail.send_notice("one@example.org", "en", {"subject": "Hello", "paragraphs": ["x"]})
    done(sandboxes.remove(parent, made.pk, by="ada@example.com"))
    with activate_public():
        assert [m.tenant_id for m in OutgoingMail.objects.filter(state="withheld")] == [other.pk]


def test_it_follows_its_parent_and_nobody_pays_for_it(parent: Any) -> None:
    made = make_sandbox(parent)
    assert entitlements.is_writable(made) and entitlements.limit(made, "sandboxes") == 0
    holding.suspend(parent, "not paid")
    held = again(made)
    assert held.acting_state == "suspended" and not entitlements.is_writable(held)
    holding.resume(parent)
    assert entitlements.is_writable(again(made))
    with activate_public():
        row = Tenant.objects.get(pk=parent.pk)
        row.deletion_due_at = timezone.now() + timedelta(days=30)
        row.save(update_fields=["deletion_due_at"])
    assert not again(made).is_reachable
    with activate_public():
        assert lifecycle.refresh(made.pk, "clock") is None  # billing leaves it alone
        assert not [t for t in lifecycle._pages() if t.pk == made.pk]
    assert sandbox_tenants.destroy_all(parent) == 1  # gone with its parent
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [made.schema_name])
        assert cursor.fetchone() == (None,) and not Tenant.objects.filter(pk=made.pk).exists()


def test_plan_and_billing_are_the_parents(parent: Any) -> None:
    made = make_sandbox(parent)
    with activate(made):
        login = User.objects.create_user("lee@example.com", "correct horse battery staple", is_admin=True)
    client = Client(headers={"host": "globex-try.localhost"})
    with activate(made):
        client.force_login(login)
    answer = client.get("/billing/")
    assert answer.status_code == 302 and answer["Location"].startswith("http://globex.")


def test_the_limit_of_the_plan_and_no_sandbox_of_a_sandbox(parent: Any) -> None:
    first = make_sandbox(parent)
    make_sandbox(parent, "globex-two", with_data=False)
    with pytest.raises(TenantRefusal) as full:
        sandboxes.create(parent, name="x", slug="globex-three", with_data=False, by="a")
    assert (full.value.code, full.value.status) == ("quota.sandboxes", 402)
    with pytest.raises(TenantRefusal) as nested:
        sandboxes.create(first, name="x", slug="globex-four", with_data=False, by="a")
    assert nested.value.code == "sandbox.nested"
    with activate_public():
        assert Tenant.objects.filter(parent=parent).count() == 2


def test_refresh_and_delete(parent: Any, workspace: Any) -> None:
    made = make_sandbox(parent)
    former = made.schema_name
    with activate(made):
        registry.get("account").model.objects.update(name="Tried out")
        connection.check_constraints()  # as at a commit
    done(sandboxes.refresh(parent, made.pk, with_data=True, by="ada@example.com"))
    fresh = again(made)
    assert fresh.schema_name != former
    with activate(fresh):
        assert list(registry.get("account").model.objects.values_list("name", flat=True)) == ["Nord AG"]
    with pytest.raises(TenantRefusal) as strange:
        sandboxes.remove(workspace, made.pk, by="somebody of another workspace")
    assert strange.value.code == "sandbox.unknown"
    before = content(parent)
    done(sandboxes.remove(parent, made.pk, by="ada@example.com"))
    assert content(parent) == before
    with activate_public(), connection.cursor() as cursor:
        assert not Tenant.objects.filter(pk=made.pk).exists()
        for schema in (former, fresh.schema_name):
            cursor.execute("SELECT to_regnamespace(%s)", [schema])
            assert cursor.fetchone() == (None,)
    make_sandbox(parent)  # its place and its address are free again


def test_a_killed_copy_is_made_again(parent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sandboxes.create(parent, name="Trial run", slug="globex-try", with_data=True, by="ada@example.com")
    with monkeypatch.context() as broken:  # a kill runs no clean-up either
        broken.setattr(loading, "_load_files", lambda *_a: (_ for _ in ()).throw(KeyboardInterrupt))
        broken.setattr(loading, "remove", lambda _schema: None)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            operations.run(row.pk)
    with activate_public():
        assert not Tenant.objects.filter(parent=parent).exists()
        Operation.objects.filter(pk=row.pk).update(state="running", attempts=1, heartbeat_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert operations.resume() == 1
        done(row)
    assert files(by_slug("globex-try")) == files(parent)


def test_what_was_built_in_the_sandbox_goes_to_the_parent_as_a_solution(parent: Any) -> None:
    made = make_sandbox(parent, with_data=False)
    with working_in(made):
        there = packed_solutions.actor_for(SystemUser.objects.get(email="ada@example.com").pk, "screen")
        assert there is not None
        packed_solutions.draft(
            there, "object", "create", None, None, {"label": "Harbour", "label_plural": "Harbours"}
        )
        packed_solutions.publishing.publish(there.user_id, there.name)
        package = packed_solutions.packed(there, [{"kind": "object", "object": None, "name": "c_harbour"}])
    with working_in(parent):
        here = packed_solutions.actor_for(SystemUser.objects.get(email="ada@example.com").pk, "screen")
        assert here is not None and "c_harbour" not in registry.current().entities
        installing.install(package, [], here)
        assert registry.get("c_harbour").label == "Harbour"


def test_over_http_for_administrators_only(parent: Any) -> None:
    _user, admin = person(parent, "lee@example.com", "system_administrator")
    _user, rep = person(parent, "kim@example.com", "salesperson")
    wish = {"name": "Trial run", "slug": "globex-try", "with_data": False}
    assert rep.get("/sandboxes")[0] == rep.post("/sandboxes", wish)[0] == 403
    assert admin.post("/sandboxes", {**wish, "with_data": "yes"})[1]["code"] == "sandbox.with_data"
    assert admin.post("/sandboxes", {**wish, "name": ""})[1]["code"] == "sandbox.name"
    assert admin.post("/sandboxes", {**wish, "slug": "a"})[1]["code"] == "tenant.name_invalid"
    with activate_public():
        assert not Operation.objects.exists()
    status, begun = admin.post("/sandboxes", wish)
    assert (status, begun["operation"]["state"], begun["limit"]) == (202, "queued", 2)
    assert admin.post("/sandboxes", {**wish, "slug": "globex-b"})[1]["code"] == "operation.running"
    with activate_public():
        row = Operation.objects.get()
    done(row)
    rows = admin.get("/sandboxes")[1]["rows"]
    assert [r["name"] for r in rows] == ["Trial run"] and "globex-try." in rows[0]["url"]
    path = f"/sandboxes/{rows[0]['id']}"
    for answer in (rep.delete(path), rep.post(f"{path}/actions/refresh", {"with_data": True})):
        assert answer[0] == 403
    assert admin.post(f"{path}/actions/refresh", {})[1]["code"] == "sandbox.with_data"
    assert admin.delete("/sandboxes/00000000-0000-7000-8000-000000000000")[1]["code"] == "sandbox.unknown"
    assert admin.delete(path)[0] == 202
    with activate(parent):
        kinds = set(AuditEntry.objects.filter(object="workspace").values_list("operation", flat=True))
    assert {"sandbox_create", "sandbox_delete"} <= kinds


def test_on_the_console_it_stands_below_its_workspace_and_counts_for_nothing(parent: Any) -> None:
    from saas.console import figures
    from tests.tenants import operators

    operator = operators.signed_in()

    def counted() -> list[Any]:
        with activate_public():
            return [
                figures._new_trials(),
                figures._by_state(),
                figures._by_week(),
                figures._trials(),
                figures._features(),
            ]

    def heading() -> str:
        return operator.get("/").content.decode().split("</h1>")[0].split("<h1>")[1]

    before, total = counted(), heading()
    made = make_sandbox(parent)
    with activate_public():
        Tenant.objects.filter(pk=made.pk).update(
            created_at=timezone.now() - timedelta(days=9), usage={"users": 3, "features": {"account": 9}}
        )
    assert counted() == before and heading() == total
    shown = operator.get("/").content.decode()
    assert shown.index(">Globex GmbH<") < shown.index(">Trial run<") and ">Sandbox<" in shown
    assert "backup late" not in shown.split(">Trial run<")[1].split("</tr>")[0]
    found = operator.get("/?q=Trial+run").content.decode()  # by its own name too, with what it belongs to
    assert ">Globex GmbH<" in found and ">Trial run<" in found and ">Acme Ltd<" not in found
    rows = operator.get("/tenants.csv").content.decode().splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows if "Trial run" in row] == [str(parent.pk)]
    page = operators.facts(operator.get(f"/tenants/{made.pk}/").content)
    assert "A sandbox of" in page and "no daily backup" in page and "Users of seats" not in page
    assert "Trial run" in operator.get(f"/tenants/{parent.pk}/").content.decode()
    acts = [link for link in ("sign_out", "suspend", "delete", "override", "clone", "back_up") if
            f"/acts/tenant.{link}/" in operator.get(f"/tenants/{made.pk}/").content.decode()]  # fmt: skip
    assert acts == ["sign_out"]
    answer = operator.post(f"/tenants/{made.pk}/acts/tenant.suspend/", {"reason": "It makes noise"})
    with activate_public():
        made.refresh_from_db()
    assert answer.status_code == 409 and made.held_from is None
