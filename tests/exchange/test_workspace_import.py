"""The archive of a whole workspace into an empty one: equal counts and checksums, all or nothing (ASP-40.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from crm_core.exchange.arriving import archives as arriving
from crm_core.exchange.arriving import emptiness, incoming, loading
from crm_core.exchange.exporting import exact_tables
from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Conflict, Forbidden
from crm_core.records import files, service
from crm_core.records.models import AuditEntry, Job, MatchCode, RecordLink, StoredFile, UniqueValue
from crm_core.records.query import Query
from crm_core.records.service.merged import live_master
from crm_core.security.actor import Actor, actor_for, actor_for_login
from crm_core.security.models import RoleAssignment, SystemUser
from crm_core.security.services import create_system_user
from tenants.identity.models import User
from tenants.identity.tokens import create_api_token
from tests.api_client import ApiClient, host_of, person
from tests.exchange import moved_workspaces as moved
from tests.exchange.conftest import work_off
from tests.sales_people import make, read


def test_a_full_workspace_comes_back_equal(
    source: Actor, workspace: Any, other_workspace: Any, settings: Any
) -> None:
    made = moved.fill(source)
    content = moved.exported(source)
    before, held = moved.entries(content), moved.contents()
    known = {"boat": read("c_boat", made["boat"], source), "nord": read("account", made["nord"], source)}
    derived = {m: set(m._default_manager.values_list(*k)) for m, k in _DERIVED.items()}
    with moved.working_in(other_workspace):
        importer = moved.signing_in("Ada Admin", "ADA@example.com", company="Globex")
        login = SystemUser.objects.get(pk=importer.user_id).login_id
        job = moved.imported(content, importer)
        assert all(row["equal"] for row in job.result["compared"]) and len(job.result["compared"]) > 30
        assert {r["entry"]: r["rows"] for r in job.result["compared"]} == {
            n: e["rows"] for n, e in before.items() if e.get("exact")
        }
        # the same person: he signs in as before and is who he was
        admin = actor_for_login(login, "screen")
        assert admin is not None and admin.user_id == source.user_id and admin.is_administrator
        assert moved.contents() == held and held
        assert read("c_boat", made["boat"], admin) == known["boat"]
        assert _without_url(read("account", made["nord"], admin)) == _without_url(known["nord"])
        assert {m: set(m._default_manager.values_list(*k)) for m, k in _DERIVED.items()} == derived
        _things_work(made, admin)


def _without_url(row: dict[str, Any]) -> str:
    return json.dumps(row, default=str, sort_keys=True)


_DERIVED = {
    RecordLink: ("attribute", "source_id", "target_id"),
    UniqueValue: ("object", "attribute", "value", "record_id"),
    MatchCode: ("rule_id", "record_id", "code"),
}


def _things_work(made: dict[str, Any], admin: Actor) -> None:
    """What was imported is alive: numbers go on, values stay unique, old ids lead on, the bin gives back, rights hold."""
    names = {k: made[k] for k in ("Number", "Call sign", "Insured for")}
    first = read("c_boat", made["boat"], admin)[names["Number"]]
    second = read("c_boat", make("c_boat", admin, name="Two"), admin)[names["Number"]]
    assert (first, second) == ("B-1", "B-2") or int(second.split("-")[-1]) == int(first.split("-")[-1]) + 1
    with pytest.raises(Conflict) as twice:
        make("c_boat", admin, name="Three", **{names["Call sign"]: "dabc"})
    assert twice.value.code == "value.not_unique"
    assert live_master(registry.get("account"), made["north"]) == made["nord"]
    service.restore(registry.get("account"), made["gone"], admin)
    assert [
        r["id"] for r in Query(registry.get("account"), admin).search("431123456").page(["name"]).rows
    ] == [str(made["nord"])]
    rita = actor_for(made["rita"], "screen")
    assert rita is not None and SystemUser.objects.get(pk=made["rita"]).login_id is None
    assert read("c_boat", made["boat"], rita)[names["Insured for"]] is None  # secured here as there
    assert made["team"] in rita.team_ids


def test_exported_again_every_table_and_file_has_the_same_checksum(
    source: Actor, other_workspace: Any
) -> None:
    moved.fill(source)
    content = moved.exported(source, audit=False)
    with moved.working_in(other_workspace):
        importer = moved.signing_in("Ada Admin", "ada@example.com", company="Globex")
        login = SystemUser.objects.get(pk=importer.user_id).login_id
        moved.imported(content, importer)
        admin = actor_for_login(login, "screen")
        assert admin is not None
        again = moved.exported(admin, audit=False)
    first, second = moved.entries(content), moved.entries(again)
    assert first.keys() == second.keys()
    different = {n for n in first if first[n]["sha256"] != second[n]["sha256"]}
    # who could sign in, and the counter of changes of rights: the rest is equal, tables for people included
    assert different <= {"access/logins.jsonl", "workspace.json"}, different


def test_who_is_not_in_the_archive_is_added_as_administrator(
    source: Actor, small: bytes, other_workspace: Any
) -> None:
    with moved.working_in(other_workspace):
        eve = moved.signing_in("Eve Else", "eve@example.com", company="Globex")
        login = SystemUser.objects.get(pk=eve.user_id).login_id
        job = moved.imported(small, eve)
        assert job.result["known"] is False and all(row["equal"] for row in job.result["compared"])
        admin = actor_for_login(login, "screen")
        assert admin is not None and admin.user_id == eve.user_id and admin.is_administrator
        assert set(SystemUser.objects.values_list("full_name", flat=True)) == {"Eve Else", "Ada Admin"}
        assert SystemUser.objects.get(full_name="Ada Admin").login_id is None
        assert list(User.objects.values_list("email", flat=True)) == ["eve@example.com"]


def test_looking_through_changes_nothing_and_a_lost_step_is_done_again(
    source: Actor, small: bytes, target: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = moved.state()
    checked = moved.uploaded(small, target)
    assert checked.state == "succeeded" and checked.result["preview"]["records"]["account"] == 1
    assert moved.state() == before
    job = arriving.start(target)
    real = loading._compared

    def killed(*_given: Any) -> None:
        raise KeyboardInterrupt  # a worker that goes away in the middle: nothing catches it

    monkeypatch.setattr(loading, "_compared", killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        moved.step(job.pk)
    registry.forget()
    workspace.begin()
    kept = moved.state()
    assert {**kept, "contents": before["contents"]} == before
    monkeypatch.setattr(loading, "_compared", real)
    while moved.step(job.pk):
        pass
    job.refresh_from_db()
    assert job.state == "succeeded", job.error
    assert StoredFile.objects.count() == 1 and len(moved.contents()) == 1
    with pytest.raises(Conflict) as again:
        arriving.start(target)
    assert again.value.code == "archive.not_checked"


def test_a_workspace_with_anything_in_it_is_refused(source: Actor, small: bytes, target: Actor) -> None:
    kept = make("account", target, name="Mine")
    with pytest.raises(Conflict) as not_empty:
        arriving.upload([small], "all.zip", target)
    assert not_empty.value.code == "workspace.not_empty"
    assert not_empty.value.details["found"][0] == {"object": "account", "rows": 1, "sample": 0}
    service.delete(registry.get("account"), kept, target)
    assert {row["object"] for row in emptiness.found(target)} >= {"account"}  # the recycle bin is not nothing
    registry.get("account").model.objects.all().update(is_sample=True, deleted_at=None)
    others = [row for row in emptiness.found(target) if row["rows"] != row["sample"]]
    for row in others:
        registry.get(row["object"]).model.objects.all().update(is_sample=True)
    with pytest.raises(Conflict) as samples:
        arriving.upload([small], "all.zip", target)
    assert samples.value.code == "workspace.has_sample_data"


def test_somebody_who_worked_meanwhile_loses_nothing(
    source: Actor, small: bytes, target: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    moved.uploaded(small, target)
    job = arriving.start(target)
    mine = make("account", target, name="Mine")
    before = moved.state()
    while moved.step(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, job.result["refused"]["code"]) == ("failed", "workspace.not_empty")
    assert moved.state() == before and read("account", mine, target)["name"] == "Mine"
    with pytest.raises(Conflict):
        arriving.start(target)
    with django_capture_on_commit_callbacks(execute=True):
        arriving.discard(target)
    assert arriving.state(target)["here"] is False


def test_only_administrators_and_nothing_happens(source: Actor, small: bytes, target: Actor) -> None:
    user = create_system_user("Eve", "eve@example.com", roles=["salesperson"])
    eve = actor_for(user.pk, "screen")
    assert eve is not None
    before, entries = moved.state(), AuditEntry.objects.count()
    for act in (
        lambda: arriving.upload([small], "all.zip", eve),
        lambda: arriving.start(eve),
        lambda: arriving.discard(eve),
        lambda: arriving.state(eve),
    ):
        with pytest.raises(Forbidden):
            act()
    assert moved.state() == before and AuditEntry.objects.count() == entries and not Job.objects.exists()


def test_who_stops_being_an_administrator_imports_nothing(source: Actor, small: bytes, target: Actor) -> None:
    moved.uploaded(small, target)
    job = arriving.start(target)
    RoleAssignment.objects.filter(principal_id=target.user_id).delete()
    workspace.bump("security_version")
    before = moved.state()
    while moved.step(job.pk):
        pass
    job.refresh_from_db()
    assert job.state == "failed" and moved.state() == before


def test_the_archive_of_one_workspace_leaves_it_alone(
    source: Actor, small: bytes, target: Actor, workspace: Any
) -> None:
    with moved.working_in(workspace):
        before, held = moved.state(), moved.contents()
    moved.imported(small, target)
    ids = set(registry.get("account").model.objects.values_list("pk", flat=True))
    assert source.user_id is not None
    admin = actor_for(source.user_id, "screen")  # the same id in both, as a person of this workspace here
    assert admin is not None
    service.update(registry.get("account"), ids.pop(), {"name": "Changed here"}, admin)
    StoredFile.objects.all().update(name="changed")
    files.path_of(StoredFile.objects.get()).write_bytes(b"changed")
    with moved.working_in(workspace):
        assert moved.state() == before and moved.contents() == held


def test_columns_an_older_version_did_not_know_get_their_defaults(
    source: Actor, small: bytes, target: Actor
) -> None:
    def older(parts: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        def without(found: list[dict[str, Any]]) -> None:
            for row in found:
                del row["import_id"]

        moved.rows(parts, "data/customers.account.jsonl", without)

    job = moved.imported(moved.altered(small, older), target)
    assert all(row["equal"] for row in job.result["compared"])
    assert registry.get("account").model.objects.get().import_id is None


def test_names_of_columns_are_those_of_attributes(workspace: Any) -> None:
    """The import lets the database fill rows by the names of their keys."""
    for model in exact_tables.tables(audit=True).values():
        assert all(f.column == f.attname for f in model._meta.concrete_fields), model


@pytest.fixture
def api(source: Actor, other_workspace: Any) -> ApiClient:
    """The administrator of a workspace that is still empty."""
    with moved.working_in(other_workspace):
        moved.signing_in("Ada Admin", "ada@example.com", company="Globex")
        _token, secret = create_api_token(User.objects.get(), "test")
    return ApiClient(host_of(other_workspace), secret)


def _send(api: ApiClient, content: bytes, **more: Any) -> tuple[int, Any]:
    body = {"file": SimpleUploadedFile("all.zip", content, "application/zip"), **more}
    answer = api.client.post(
        "/api/v1/workspace_import",
        body,
        headers={"Host": api.host, "Authorization": api.headers["HTTP_AUTHORIZATION"]},
    )
    return answer.status_code, answer.json()


def test_over_http(
    api: ApiClient, small: bytes, other_workspace: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert api.get("/workspace_import") == (200, {"found": [], "here": False, "job": None})
    assert api.post("/workspace_import/actions/start")[1]["code"] == "archive.not_checked"
    assert _send(api, b"nothing")[1]["code"] == "archive.unreadable"
    assert _send(api, small, more="x")[0] == 400
    status, begun = _send(api, small)
    assert (status, begun["here"], begun["job"]["kind"]) == (202, True, "archive_check")
    assert _send(api, small)[1]["code"] == "archive.running"
    with moved.working_in(other_workspace):
        work_off(begun["job"]["id"])
    preview = api.get("/workspace_import")[1]["job"]["result"]["preview"]
    assert (preview["workspace"], preview["records"]["account"], preview["files"]) == ("Acme Ltd", 1, 1)
    status, started = api.post("/workspace_import/actions/start")
    assert (status, started["job"]["kind"]) == (202, "archive_import")
    with moved.working_in(other_workspace), django_capture_on_commit_callbacks(execute=True):
        work_off(started["job"]["id"])
    done = api.get("/workspace_import")[1]
    assert done["job"]["state"] == "succeeded" and not done["here"]
    assert all(row["equal"] for row in done["job"]["result"]["compared"])
    assert [r["name"] for r in api.get("/accounts")[1]["rows"]] == ["Nord AG"]
    assert api.delete("/workspace_import")[1]["code"] == "archive.imported"


def test_over_http_nobody_else(api: ApiClient, small: bytes, other_workspace: Any) -> None:
    eve = person(other_workspace, "eve@example.com", "salesperson", name="Eve")[1]
    with moved.working_in(other_workspace):
        before = moved.state()
    answers = [_send(eve, small), eve.get("/workspace_import"), eve.delete("/workspace_import"),
               eve.post("/workspace_import/actions/start")]  # fmt: skip
    assert {(status, body["code"]) for status, body in answers} == {(403, "privilege.missing")}
    assert Client().get("/api/v1/workspace_import", HTTP_HOST=api.host).status_code == 401
    with moved.working_in(other_workspace):
        assert moved.state() == before and not list(incoming.folder().iterdir())
    assert _send(api, small)[1]["code"] == "workspace.not_empty"  # Eve works here: it is no empty workspace
