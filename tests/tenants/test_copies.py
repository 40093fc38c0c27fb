"""Restores, clones and exports hold everything and touch nothing else (ASP-30, F12)."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tenants.backup import loading, storage
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import LoginThrottle, User
from tenants.lifecycle import operations, upkeep
from tenants.models import Backup, Operation, OperatorAudit, OwnerNotice
from tenants.operator.models import Approval
from tests.tenants import operators
from tests.tenants.operators import REASON, again
from tests.tenants.packages import backed_up, by_slug, content, files, filled, operate

pytestmark = pytest.mark.usefixtures("package_storage")
Kind = Operation.Kind


def test_restore_beside_has_every_row_and_file_and_touches_nobody(workspace, other_workspace):
    filled(other_workspace)
    before, neighbour = content(other_workspace), content(workspace)
    backup = backed_up(other_workspace)
    assert backup.files == 2 and backup.rows > 7
    row = operate(Kind.RESTORE_BESIDE, other_workspace, slug="globex-copy", **{"from": str(backup.pk)})
    made = by_slug("globex-copy")
    assert row.result["tenant"] == str(made.pk) and made.pk != other_workspace.pk
    assert content(made) == before == content(other_workspace)
    assert files(made) == files(other_workspace)
    assert content(workspace) == neighbour
    with activate(made):
        assert not LoginThrottle.objects.exists()
        assert User.objects.get(email="user5@example.com").full_name == "Ünïcödé 漢字 🎉"
    assert made.flags == ["restored"] and made.trial_ends_at > timezone.now() + timedelta(days=29)
    assert Client(headers={"host": "globex-copy.localhost"}).get("/login/").status_code == 200


def test_the_copy_has_the_same_structure_and_goes_on_counting(other_workspace):
    from tenants import cloning

    backup = backed_up(other_workspace)
    operate(Kind.RESTORE_BESIDE, other_workspace, slug="globex-copy", **{"from": str(backup.pk)})
    made = by_slug("globex-copy")
    assert cloning.structure(made.schema_name) == cloning.structure(other_workspace.schema_name)
    with activate(made):
        User.objects.create_user("fresh@example.com")


def test_restore_in_place_brings_back_the_moment_and_keeps_what_was(workspace, other_workspace):
    filled(other_workspace)
    moment, neighbour = content(other_workspace), content(workspace)
    kept_files = files(other_workspace)
    backup = backed_up(other_workspace)
    with activate(other_workspace):
        User.objects.filter(email="user1@example.com").update(full_name="changed later")
        User.objects.create_user("later@example.com")
    (Path(settings.MEDIA_ROOT) / other_workspace.schema_name / "empty").write_bytes(b"changed later")
    former = other_workspace.schema_name
    operate(Kind.RESTORE_IN_PLACE, other_workspace, **{"from": str(backup.pk)})
    found = again(other_workspace)
    assert found.schema_name != former
    assert content(found) == moment and files(found) == kept_files
    assert content(workspace) == neighbour
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [former])
        assert cursor.fetchone() == (None,)
        assert OwnerNotice.objects.filter(tenant=found, kind="restored").count() == 1
        safety = Backup.objects.get(tenant=found, kind=Backup.Kind.BEFORE_RESTORE)
    # The way back: the state just before the restore.
    operate(Kind.RESTORE_IN_PLACE, found, **{"from": str(safety.pk)})
    with activate(again(found)):
        assert User.objects.filter(email="later@example.com").exists()


def test_a_backup_of_another_workspace_is_never_restored_in_place(workspace, other_workspace):
    backup = backed_up(other_workspace)
    before = content(workspace)
    row = operations.start(Kind.RESTORE_IN_PLACE, workspace, "op@example.com", **{"from": str(backup.pk)})
    operations.run(row.pk)
    with activate_public():
        row.refresh_from_db()
    assert row.state == "failed" and "another workspace" in row.error
    assert content(again(workspace)) == before and again(workspace).schema_name == workspace.schema_name


def test_clone_is_a_workspace_of_its_own(other_workspace):
    filled(other_workspace)
    before = content(other_workspace)
    operate(Kind.CLONE, other_workspace, slug="globex-two", name="Practice")
    made = by_slug("globex-two")
    assert made.name == "Practice" and content(made) == before and files(made) == files(other_workspace)
    with activate(made):
        User.objects.all().update(full_name="changed in the clone")
    assert content(other_workspace) == before
    with activate_public():
        assert not Backup.objects.filter(tenant=other_workspace).exists(), "a clone leaves no package behind"
    assert not list(storage.folder_of(other_workspace).glob("*"))


def test_export_and_import_over_the_console(other_workspace):
    filled(other_workspace)
    before = content(other_workspace)
    client = operators.signed_in()
    assert (
        client.post(f"/tenants/{other_workspace.pk}/acts/tenant.export/", {"reason": REASON}).status_code
        == 302
    )
    with activate_public():
        row = Operation.objects.get()
    operations.run(row.pk)
    with activate_public():
        backup = Backup.objects.get(kind=Backup.Kind.EXPORT)
    answer = client.get(f"/packages/{backup.pk}/")
    data = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].endswith('.zip"')
    upload = SimpleUploadedFile("globex.zip", data)
    form = {"slug": "moved-in", "name": "", "reason": REASON, "package": upload}
    assert client.post("/operations/import/", form).status_code == 302
    with activate_public():
        row = Operation.objects.get(kind=Kind.IMPORT)
    operations.run(row.pk)
    made = by_slug("moved-in")
    assert content(made) == before and made.name == "Globex GmbH" and made.flags == ["imported"]
    assert client.get("/operations/").status_code == 200
    with activate_public():
        acts = set(OperatorAudit.objects.values_list("act", flat=True))
    assert {"tenant.export", "tenant.package_downloaded", "tenant.imported"} <= acts


def test_jobs_that_were_running_stop_in_a_copy(other_workspace):
    from crm_core.records.models import Job, OutboxEvent

    with activate(other_workspace):
        Job.objects.create(kind="bulk", label="Edit", state="running")
        OutboxEvent.objects.create(topic="x", object="account", payload={})
    operate(Kind.CLONE, other_workspace, slug="globex-two")
    with activate(by_slug("globex-two")):
        assert Job.objects.get().state == "canceled" and not OutboxEvent.objects.exists()
    with activate(other_workspace):
        assert Job.objects.get().state == "running" and OutboxEvent.objects.exists()


# packages that are not what they say -------------------------------------------------------------------------------


def test_one_operation_per_workspace_at_a_time(workspace, other_workspace):
    operations.start(Kind.BACK_UP, other_workspace, "a@example.com")
    with pytest.raises(TenantRefusal, match=r"operation\.running"):
        operations.start(Kind.CLONE, other_workspace, "b@example.com", slug="x-y-z")
    operations.start(Kind.BACK_UP, workspace, "a@example.com")


@pytest.mark.parametrize("step", ["_build", "_load_files"])
def test_a_killed_restore_starts_again_and_leaves_one_copy(other_workspace, monkeypatch, step):
    backup = backed_up(other_workspace)
    row = operations.start(
        Kind.RESTORE_BESIDE, other_workspace, "op@example.com", slug="globex-copy", **{"from": str(backup.pk)}
    )
    with monkeypatch.context() as broken:
        # A kill runs no clean-up either.
        broken.setattr(loading, step, lambda *_a: (_ for _ in ()).throw(KeyboardInterrupt))
        broken.setattr(loading, "remove", lambda _schema: None)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            operations.run(row.pk)
    with activate_public():
        Operation.objects.filter(pk=row.pk).update(state="running", attempts=1, heartbeat_at=timezone.now())
        assert operations.run(row.pk) is None, "somebody may still be at it"
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert operations.resume() == 1
        operations.run(row.pk)
    assert content(by_slug("globex-copy")) == content(other_workspace)


def test_three_attempts_and_then_a_person_looks(other_workspace):
    row = operations.start(Kind.BACK_UP, other_workspace, "op@example.com")
    with activate_public():
        past = timezone.now() - timedelta(hours=1)
        Operation.objects.filter(pk=row.pk).update(state="running", attempts=3, heartbeat_at=past)
        assert operations.run(row.pk) is None
        row.refresh_from_db()
    assert row.state == "failed"
    assert "operation failed" in operators.facts(operators.signed_in().get("/").content)


def test_daily_backups_begin_by_themselves_once_a_day_and_expire(workspace, other_workspace):
    assert upkeep.back_up_due() == 2
    assert upkeep.back_up_due() == 0, "they are waiting already"
    with activate_public():
        for pk in Operation.objects.values_list("pk", flat=True):
            operations.run(pk)
        assert Backup.objects.filter(kind=Backup.Kind.DAILY).count() == 2
    assert upkeep.back_up_due() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert upkeep.back_up_due() == 2
    with time_machine.travel(timezone.now() + timedelta(days=36), tick=False):
        assert upkeep.remove_expired() == 2
    assert not list(storage.root().rglob("*.zip"))


def test_restore_in_place_takes_two_operators(other_workspace):
    backup = backed_up(other_workspace)
    client = operators.signed_in()
    path = f"/tenants/{other_workspace.pk}/acts/tenant.restore_in_place/"
    assert (
        client.post(path, {"reason": REASON, "source": "00000000-0000-0000-0000-000000000000"}).status_code
        == 422
    )
    assert client.post(path, {"reason": REASON, "source": str(backup.pk)}).status_code == 302
    with activate_public():
        request = Approval.objects.get()
        assert not Operation.objects.filter(kind=Kind.RESTORE_IN_PLACE).exists()
    assert client.post(f"/approvals/{request.pk}/approve/").status_code == 403
    assert (
        operators.signed_in("second@example.com").post(f"/approvals/{request.pk}/approve/").status_code == 302
    )
    with activate_public():
        assert Operation.objects.filter(kind=Kind.RESTORE_IN_PLACE).count() == 1


def test_copies_need_a_free_name(other_workspace):
    client = operators.signed_in()
    for slug in ("acme", "admin", "a"):
        path = f"/tenants/{other_workspace.pk}/acts/tenant.clone/"
        assert client.post(path, {"reason": REASON, "slug": slug}).status_code == 422
    with activate_public():
        assert not Operation.objects.exists()


@pytest.mark.real_commit
def test_a_restore_while_the_neighbour_writes(workspace, other_workspace):
    """F12: the backup sees one moment, the neighbour loses nothing, sequences go on."""
    backup = backed_up(other_workspace)
    stop, written, errors = threading.Event(), [], []

    def write() -> None:
        try:
            while not stop.is_set():
                with activate(workspace), transaction.atomic():
                    written.append(User.objects.create_user(f"n{len(written)}@example.com").pk)
        except Exception as error:  # noqa: BLE001 - reported by the test itself
            errors.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        operate(Kind.RESTORE_IN_PLACE, other_workspace, **{"from": str(backup.pk)})
        operate(Kind.BACK_UP, workspace)
    finally:
        stop.set()
        writer.join()
    assert errors == [] and len(written) > 5
    with activate(workspace):
        assert User.objects.filter(pk__in=written).count() == len(written)
