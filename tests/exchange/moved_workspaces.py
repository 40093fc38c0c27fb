"""A workspace with something of every kind, its archive, and an empty workspace to import it into."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from crm_core.exchange.arriving import archives as arriving
from crm_core.exchange.arriving import incoming
from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.exchange.exporting import archive, archives, exact_tables
from crm_core.metadata import registry, workspace
from crm_core.records import files, jobs, service
from crm_core.records.duplicates.rules import deliver
from crm_core.records.models import Job, StoredFile
from crm_core.records.service import linking
from crm_core.search import views
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Principal, Role, SystemUser, Team, TeamMember
from crm_core.security.services import create_system_user, seed_security
from tenants.context import activate
from tenants.identity.models import User
from tests.exchange.conftest import work_off
from tests.exchange.packed_solutions import build, draft
from tests.sales_people import make, refers


def signing_in(name: str, email: str, *, company: str) -> Actor:
    """The first administrator of a workspace as it is provided, under this name; his workspace is active."""
    seed_security(company, currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
    registry.forget()
    deliver()
    user = SystemUser.objects.exclude(login=None).get()
    User.objects.filter(pk=user.login_id).update(email=email, full_name=name)
    SystemUser.objects.filter(pk=user.pk).update(email=email, full_name=name)
    Principal.objects.filter(pk=user.pk).update(name=name)
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


def fill(admin: Actor) -> dict[str, Any]:
    """Custom objects and fields, files, links, a merged and a recycled record, secured fields, people, teams, shares, views."""
    names = build(admin)
    harbour = str(Role.objects.get(name="Harbour master").pk)
    rita = create_system_user("Rita Rep", "rita@example.com", roles=["salesperson", harbour])
    rep = actor_for(rita.pk, "screen")
    assert rep is not None
    team = service.create(registry.get("team"), {"name": "Harbour", "business_unit": None}, admin).id
    TeamMember.objects.create(team=Team.objects.get(pk=team), user=rita)
    nord = make("account", admin, name="Nord AG", annual_revenue="1234.50", phone="+49 431 123456")
    north = make("account", rep, name="Nord Aktiengesellschaft")
    registry.get("account").model.objects.filter(pk=north).update(external_key="N-1", source_system="old")
    gone = make("account", admin, name="Gone Ltd")
    make("contact", rep, last_name="Süß", email="s@example.com", parent_customer=refers("account", north))
    make("opportunity", admin, topic="Ferry", customer=refers("account", nord))
    attached = files.store("a.txt", [b"hello"], "text/plain", admin.user_id)
    about = refers("account", nord)
    make(
        "note", admin, title="n", body="<p>Said <b>yes</b></p>", regarding=about, attachment=str(attached.pk)
    )
    make("task", rep, subject="Call", regarding=about, scheduled_end="2026-12-03T09:00:00Z")
    berth = make("c_berth", admin, name="Pier 1")
    boat = make("c_boat", admin, name="Seute Deern", owner=refers("user", rita.pk), **{
        names["Length"]: "11.50", names["Call sign"]: "DABC", names["Lies at"]: refers("c_berth", berth),
        names["Insured for"]: "50000",
    })  # fmt: skip
    draft(
        admin,
        "relationship",
        "create",
        "account",
        None,
        {"label": "Sails", "reverse_label": "Sailed by", "target": "c_boat"},
    )
    from crm_core.metadata.customization import publishing

    publishing.publish(admin.user_id, admin.name)
    sails = next(r for r in registry.get("account").relationships if r.link and r.custom)
    linking.link(registry.get("account"), nord, sails, [boat], admin)
    lists = registry.get("marketing_list")
    fair = service.create(lists, {"name": "Fair", "member_type": 1}, admin).id
    service.run_action(lists, "add_members", fair, {"ids": [str(nord), str(north)]}, admin)
    tree = {"attribute": "member_of", "operator": "not_in", "value": [str(fair)]}
    service.create(lists, {"name": "Not there", "member_type": 1, "kind": 2, "filter": tree}, admin)
    service.merge(registry.get("account"), nord, north, admin)
    service.delete(registry.get("account"), gone, admin)
    service.share(registry.get("account"), nord, rita.pk, ["read", "write"], admin)
    views.create({"object": "c_boat", "name": "Mine", "columns": [{"name": "name"}]}, rep)
    draft(admin, "attribute", "create", "account", None, {"label": "Waiting", "type": "text"})
    return {"nord": nord, "north": north, "gone": gone, "boat": boat, "berth": berth, "rita": rita.pk, "file": attached.pk,
            "team": team, **names}  # fmt: skip


def exported(actor: Actor, *, audit: bool = True) -> bytes:
    """The workspace's archive."""
    job = work_off(archives.start({"audit": audit}, actor).pk)
    assert job.state == "succeeded", job.error
    content = archive.archive_path(job).read_bytes()
    Job.objects.filter(pk=job.pk).delete()
    return content


def uploaded(content: bytes, actor: Actor) -> Job:
    """The archive looked through in the active workspace."""
    return work_off(arriving.upload([content], "all.zip", actor).pk)


def imported(content: bytes, actor: Actor) -> Job:
    """The archive imported into the active workspace."""
    checked = uploaded(content, actor)
    assert checked.state == "succeeded", (checked.error, checked.result)
    job = work_off(arriving.start(actor).pk)
    assert job.state == "succeeded", (job.error, job.result)
    return job


def state() -> dict[str, Any]:
    """Everything the archive could hold of the active workspace, stored contents included."""
    found: dict[str, Any] = {n: exact_tables.summary(m) for n, m in exact_tables.tables(audit=False).items()}
    found["logins"] = sorted(map(str, User.objects.values_list("email", "is_active", "is_admin", "password")))
    found["contents"] = sorted(p.name for p in files.folder().iterdir() if p.is_file())
    return found


def contents() -> dict[str, str]:
    """SHA-256 of the content of every stored file by its id."""
    rows = StoredFile.objects.filter(deleted_at=None)
    return {str(f.pk): hashlib.sha256(files.path_of(f).read_bytes()).hexdigest() for f in rows if f.path}


def entries(content: bytes) -> dict[str, Any]:
    """The manifest's entries by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {e["name"]: e for e in json.loads(found.read("manifest.json"))["entries"]}


Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def altered(content: bytes, change: Change, *, honest: bool = True) -> bytes:
    """The archive with `change(contents by name, manifest)` done to it; `honest` writes hashes and sizes anew."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        parts = {n: found.read(n) for n in found.namelist() if n != "manifest.json"}
        manifest = json.loads(found.read("manifest.json"))
    change(parts, manifest)
    for entry in manifest.get("entries", ()) if honest else ():
        if entry["name"] in parts:
            body = parts[entry["name"]]
            entry.update(size=len(body), sha256=hashlib.sha256(body).hexdigest())
            if "rows" in entry and entry["name"].endswith(".jsonl"):
                entry["rows"] = body.count(b"\n")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            target.writestr(name, body)
        if manifest:
            target.writestr("manifest.json", json.dumps(manifest))
    return out.getvalue()


def rows(parts: dict[str, bytes], name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the rows of an entry."""
    found = [json.loads(line) for line in parts[name].splitlines()]
    change(found)
    parts[name] = b"".join(
        json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for row in found
    )


@contextmanager
def working_in(tenant: Any) -> Iterator[None]:
    """Work in a workspace as a request does."""
    with activate(tenant):
        workspace.begin()
        registry.forget()
        yield
    workspace.begin()


def step(job_id: Any) -> bool:
    """One step as a worker takes it."""
    return jobs.run_next_step(job_id)


def refused(content: bytes, actor: Actor) -> dict[str, Any]:
    """Why an archive is refused, whether at the door or when it is looked through; nothing may have changed."""
    before, jobs_before, lying = state(), Job.objects.count(), set(incoming.folder().iterdir())
    try:
        job = uploaded(content, actor)
    except ArchiveRefused as error:
        assert Job.objects.count() == jobs_before and set(incoming.folder().iterdir()) == lying
        found = error.as_dict()
    else:
        assert job.state == "failed", job.result
        found = job.result["refused"]
        assert job.error
    assert state() == before
    return found
