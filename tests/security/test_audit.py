"""The audit: who, when, what, from where; restoring a value; log-ins and exports; retention (PLT-41 Audit)."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crm_core.metadata import registry, workspace
from crm_core.records import audit, service, sweeps
from crm_core.records.models import AuditEntry
from crm_core.security.models import Role
from tests.security.world import World


def capable(world: World, *capabilities: str, **depths: int) -> None:
    world.grant(registry.get("account"), **depths)
    Role.objects.filter(pk=world.role.pk).update(capabilities=list(capabilities))
    workspace.bump("security_version")


def test_filters_pages_and_values(company: World) -> None:
    entity = registry.get("account")
    made = service.create(entity, {"name": "Nord"}, company.admin).id
    for n in range(5):
        service.update(
            entity, made, {"name": f"Nord {n}"}, company.admin.acting("import" if n == 2 else "screen")
        )
    api = company.admin_api
    body = api.get(f"/audit?record={made}&limit=4")[1]
    assert [r["operation"] for r in body["rows"]] == ["update"] * 4 and body["next"]
    more = api.get(f"/audit?record={made}&limit=4&cursor={body['next']}")[1]
    assert [r["operation"] for r in more["rows"]] == ["update", "create"] and more["next"] is None
    row = body["rows"][0]
    assert (
        row["record"]["name"] == "Nord 4"
        and row["actor"]["name"] == "Ada Admin"
        and row["source"] == "screen"
    )
    change = next(c for c in row["changes"] if c["attribute"] == "name")
    assert (change["old"], change["new"], change["restorable"]) == ("Nord 3", "Nord 4", True)
    assert len(api.get("/audit?object=account&source=import")[1]["rows"]) == 1
    tomorrow = (timezone.now() + dt.timedelta(days=2)).date().isoformat()
    assert api.get(f"/audit?from={tomorrow}")[1]["rows"] == []
    for bad in ("user=x", "from=2026-13-45", "kind=secrets", "limit=0", "cursor=x", "colour=red"):
        status, answer = api.get(f"/audit?{bad}")
        assert status == 400 and answer["code"], bad


def test_needs_the_capability_and_hides_what_may_not_be_seen(company: World) -> None:
    entity = registry.get("account")
    made = service.create(entity, {"name": "Hidden", "annual_revenue": "5"}, company.admin).id
    capable(company, every=5)
    assert company.viewer_api.get("/audit")[0] == 403
    capable(company, "view_audit", read=1)
    rows = company.viewer_api.get(f"/audit?record={made}")[1]["rows"]
    assert [(r["hidden"], r["changes"], r["record"]["name"]) for r in rows] == [(True, [], None)]
    assert (
        company.admin_api.call(
            "PUT", "/field_security/attributes", {"attributes": {"account.annual_revenue": True}}
        )[0]
        == 200
    )
    capable(company, "view_audit", read=5)
    rows = company.viewer_api.get(f"/audit?record={made}")[1]["rows"]
    assert "annual_revenue" not in {c["attribute"] for c in rows[0]["changes"]}, (
        "not even that there was a value"
    )


def test_a_value_is_put_back_with_ones_own_rights(company: World) -> None:
    entity = registry.get("account")
    made = service.create(entity, {"name": "Before"}, company.admin).id
    service.update(entity, made, {"name": "After"}, company.admin)
    entry = AuditEntry.objects.get(record_id=made, operation="update")
    capable(company, "view_audit", read=5)
    assert company.viewer_api.post(f"/audit/{entry.pk}/restore", {"attribute": "name"})[0] == 403
    assert entity.model.objects.get(pk=made).name == "After"
    status, body = company.admin_api.post(f"/audit/{entry.pk}/restore", {"attribute": "name"})
    assert status == 200 and body["record"]["name"] == "Before" and body["record"]["version"] == 3
    status, body = company.admin_api.post(f"/audit/{entry.pk}/restore", {"attribute": "website"})
    assert (status, body["code"]) == (409, "audit.not_restorable")


def test_log_ins_and_exports_are_kept(company: World) -> None:
    client = Client(HTTP_HOST=company.admin_api.host)
    page = client.get("/login/")
    assert page.status_code == 200
    for password in ("wrong", "correct horse battery staple"):
        client.post(
            "/login/", {"email": "vera@example.com", "password": password, "username": "vera@example.com"}
        )
    rows = company.admin_api.get("/audit?kind=login")[1]["rows"]
    assert {r["operation"] for r in rows} == {"login", "login_failed"}
    assert {r["actor"]["id"] for r in rows} == {str(company.viewer_id)}
    assert "battery" not in str(rows)
    assert company.admin_api.post("/accounts/export", {"format": "csv"})[0] == 202
    rows = company.admin_api.get("/audit?kind=export")[1]["rows"]
    assert [(r["object"], r["actor"]["name"]) for r in rows] == [("account", "Ada Admin")]


def test_exporting_the_audit(company: World) -> None:
    entity = registry.get("account")
    service.create(entity, {"name": "=HYPERLINK(1)"}, company.admin)
    api = company.admin_api
    status, body = api.post("/audit/export", {"object": "account"})
    assert status == 201 and body["rows"] == 1
    response = api.client.get(body["file"]["url"], HTTP_HOST=api.host, **api.headers)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text.startswith("at,actor,source") and "'=HYPERLINK(1)" in text
    assert AuditEntry.objects.filter(object="audit", operation="export").count() == 1


def test_retention_forgets_what_is_older(company: World) -> None:
    entity = registry.get("account")
    old = service.create(entity, {"name": "Old"}, company.admin).id
    new = service.create(entity, {"name": "New"}, company.admin).id
    AuditEntry.objects.filter(record_id=old).update(at=timezone.now() - dt.timedelta(days=91))
    assert audit.forget_old(365) == 0
    assert audit.forget_old(90) == AuditEntry.objects.none().count() + 1
    left: Any = set(AuditEntry.objects.values_list("record_id", flat=True))
    assert new in left and old not in left
    AuditEntry.objects.filter(record_id=new).update(at=timezone.now() - dt.timedelta(days=20))
    assert audit.forget_old(1) == 0  # undo needs a month


def test_the_plan_says_how_long_the_audit_is_kept(company: World, workspace: Any) -> None:
    entity = registry.get("account")
    made = [service.create(entity, {"name": f"N{n}"}, company.admin).id for n in range(3)]
    for record, days in zip(made, (10, 100, 400), strict=True):
        AuditEntry.objects.filter(record_id=record).update(at=timezone.now() - dt.timedelta(days=days))

    def kept_with(limit: int | None) -> tuple[int | None, set[Any]]:
        workspace.entitlements = {**workspace.entitlements, "limits": {"audit_retention_days": limit}}
        sweeps.forget_old_audit()
        shown = company.admin_api.get("/audit?object=account&limit=1")[1]["retention_days"]
        return shown, set(AuditEntry.objects.filter(record_id__in=made).values_list("record_id", flat=True))

    assert sweeps.audit_retention() == kept_with(None)[0] or workspace.entitlements
    assert kept_with(None)[1] == set(made)
    assert kept_with(3650)[1] == set(made)
    assert kept_with(365)[1] == set(made[:2])
    assert kept_with(1)[1] == set(made[:1]), "undo needs a month, whatever the plan says"
    capable(company, every=5)
    assert company.viewer_api.get("/audit")[0] == 403


def test_every_entry_says_by_which_door_the_change_came(company: World) -> None:
    """Screen, API, import, job, rule: told by how the person is signed in and what runs for him."""
    entity = registry.get("account")

    def source_of(name: str) -> str:
        record = entity.model.objects.get(name=name).pk
        return str(
            AuditEntry.objects.filter(record_id=record).order_by("-id").values_list("source", flat=True)[0]
        )

    assert company.admin_api.post("/accounts", {"name": "By API"})[0] == 201
    client = Screen(company, "ada@example.com")
    made = client.post("/api/v1/accounts", {"name": "By screen"}, content_type="application/json")
    assert made.status_code == 201, made.content
    body = {"operation": "edit", "ids": [made.json()["id"]], "values": {"phone": "+49 30 1"}}
    assert client.post("/api/v1/accounts/bulk", body, content_type="application/json").status_code in (
        200,
        202,
    )
    assert source_of("By screen") == "screen", "a mass operation is asked for on the screen too"
    service.create_many(entity, [{"name": "By import"}], company.admin.acting("import"))
    assert (source_of("By API"), source_of("By import")) == ("api", "import")
    contact = registry.get("contact")
    person = service.create(contact, {"last_name": "Rule"}, company.admin).id
    service.create(entity, {"name": "Ruling", "primary_contact": str(person)}, company.admin)
    assert AuditEntry.objects.filter(record_id=person).order_by("-id")[0].source == "rule"


class Screen(Client):
    """A signed-in browser. Sessions are cached on commit, which never comes inside a test: it reads the rows anew."""

    def __init__(self, world: World, email: str):
        super().__init__(HTTP_HOST=world.admin_api.host)
        self.post("/login/", {"email": email, "username": email, "password": "correct horse battery staple"})

    def request(self, **request: Any) -> Any:
        cache.clear()
        return super().request(**request)


def test_an_administrator_views_as_somebody_else(company: World) -> None:
    """Read-only, marked, audited, ended by click or time."""
    entity = registry.get("account")
    company.grant(entity, every=1)
    service.create(entity, {"name": "Secret"}, company.admin)
    client = Screen(company, "ada@example.com")
    path = "/api/v1/session/view_as"
    assert client.get("/api/v1/accounts").json()["rows"]
    answer = client.post(path, {"user": str(company.viewer_id)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    session = client.get("/api/v1/session").json()
    assert session["user"]["name"] == "Vera Viewer" and session["view_as"]["by"] == "Ada Admin"
    assert client.get("/api/v1/accounts").json()["rows"] == []
    before = AuditEntry.objects.count()
    for method, address, body in (
        ("post", "/api/v1/accounts", {"name": "Mine"}),
        ("patch", "/api/v1/preferences", {"a": 1}),
        ("patch", "/api/v1/session", {"theme": "dark"}),
        ("post", "/api/v1/accounts/bulk", {"operation": "delete", "all": True}),
    ):
        refused = getattr(client, method)(address, body, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "view_as.read_only"), address
    inner = {"operations": [{"method": "POST", "path": "/accounts", "body": {"name": "Mine"}}]}
    batch = client.post("/api/v1/batch", inner, content_type="application/json").json()
    assert batch["results"][0]["status"] == 403
    assert AuditEntry.objects.count() == before and entity.model.objects.count() == 1
    assert client.delete(path).status_code == 204
    assert client.get("/api/v1/session").json()["user"]["name"] == "Ada Admin"
    client.post(path, {"user": str(company.viewer_id)}, content_type="application/json")
    cache.clear()
    stored = client.session
    stored["view_as"] = {**stored["view_as"], "until": timezone.now().timestamp() - 1}
    stored.save()
    assert client.get("/api/v1/session").json()["user"]["name"] == "Ada Admin"
    operations = list(
        AuditEntry.objects.filter(object="user").order_by("id").values_list("operation", flat=True)
    )
    assert operations == ["view_as", "view_as_end", "view_as", "view_as_end"]


def test_only_administrators_view_as_somebody_else(company: World) -> None:
    client = Screen(company, "vera@example.com")
    answer = client.post(
        "/api/v1/session/view_as", {"user": str(company.admin.user_id)}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "privilege.missing")
    assert client.get("/api/v1/session").json()["user"]["name"] == "Vera Viewer"


def test_values_are_told_as_people_read_them(company: World) -> None:
    """Names of the records meant, no second amount in the base currency; labels in the file."""
    account, contact = registry.get("account"), registry.get("contact")
    parent = service.create(account, {"name": "Old parent"}, company.admin).id
    values = {"name": "Nord", "industry": 3, "annual_revenue": "5", "parent_account": str(parent)}
    made = service.create(account, values, company.admin).id
    person = service.create(contact, {"last_name": "Werft"}, company.admin).id
    changes = {
        "industry": 5,
        "annual_revenue": "7.50",
        "parent_account": None,
        "primary_contact": str(person),
    }
    service.update(account, made, changes, company.admin)
    service.delete(account, parent, company.admin)
    api = company.admin_api
    row = api.get(f"/audit?record={made}&operation=update")[1]["rows"][0]
    told = {c["attribute"]: (c["old"], c["new"]) for c in row["changes"]}
    assert set(told) == set(changes), "the amount in the base currency is not told as well"
    assert told["parent_account"][0]["name"] == "Old parent" and told["primary_contact"][1]["name"] == "Werft"
    assert (told["industry"], told["annual_revenue"]) == ((3, 5), ("5.00", "7.50"))
    status, exported = api.post("/audit/export", {"record": str(made), "operation": "update"})
    assert status == 201, exported
    file = api.client.get(exported["file"]["url"], HTTP_HOST=api.host, **api.headers)  # type: ignore[arg-type]
    text = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    cells = {line["attribute"]: (line["old"], line["new"]) for line in csv.DictReader(text.splitlines())}
    options = {o.value: str(o.label) for o in account.attribute("industry").options}
    assert cells["industry"] == (options[3], options[5])
    assert (cells["parent_account"], cells["primary_contact"]) == (("Old parent", ""), ("", "Werft"))
    service.purge(account, parent, company.admin)
    row = api.get(f"/audit?record={made}&operation=update")[1]["rows"][0]
    gone = next(c["old"] for c in row["changes"] if c["attribute"] == "parent_account")
    assert (gone["id"], gone["name"]) == (str(parent), None)


def test_days_begin_where_the_person_is(company: World) -> None:
    """23:30 in UTC is the next day in Berlin: the filter counts as the lists do."""
    made = service.create(registry.get("account"), {"name": "Late"}, company.admin).id
    late = dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC)
    AuditEntry.objects.filter(record_id=made).update(at=late)
    assert company.admin_api.patch("/session", {"time_zone": "Europe/Berlin"})[0] == 200

    def between(first: str, last: str) -> int:
        status, body = company.admin_api.get(f"/audit?record={made}&from={first}&to={last}")
        assert status == 200
        return len(body["rows"])

    assert between("2026-03-05", "2026-03-05") == 1
    assert between("2026-03-04", "2026-03-04") == 0
    assert company.admin_api.get("/audit?from=0001-01-01")[0] == 400
