"""Altered, foreign, damaged and torn packages build nothing (ASP-30)."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from tenants.backup import loading, package, signing, storage
from tenants.context import activate_public
from tenants.lifecycle import operations
from tenants.models import Backup, Operation
from tests.tenants import operators
from tests.tenants.operators import REASON, again
from tests.tenants.packages import PASSING, backed_up, filled

pytestmark = pytest.mark.usefixtures("package_storage")
Kind = Operation.Kind


@pytest.fixture
def whole(other_workspace, tmp_path) -> Path:
    filled(other_workspace)
    path = tmp_path / "whole.zip"
    package.write(other_workspace, path)
    return path


def altered(path: Path, change, *, resign: bool = False) -> Path:
    """A copy of the package with its entries changed by ``change(entries)``."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    if resign:
        entries["manifest.sig"] = signing.sign(entries["manifest.json"]).encode()
    target = path.with_name("altered.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target


def _set(name, data):
    return lambda entries: entries.__setitem__(name, data)


@pytest.mark.parametrize(
    "change",
    [
        _set("schema.json", b'{"before": ["CREATE TABLE public.evil (id int)"], "after": []}'),
        _set("data/identity_user", b"evil\n"),
        _set("files/empty", b"evil"),
        _set("files/../../evil", b"evil"),
        _set("extra", b"x"),
        lambda entries: entries.pop("files/empty"),
        lambda entries: entries.pop("manifest.sig"),
        _set("manifest.json", b"{}"),
        _set("manifest.sig", b"0" * 64),
    ],
)
def test_altered_packages_build_nothing(whole, change):
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace")
        before = cursor.fetchone()
    with pytest.raises(loading.BadPackage):
        loading.load(altered(whole, change), "t_aaaaaaaaaaaa")
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), to_regclass('public.evil') FROM pg_namespace")
        assert cursor.fetchone() == (*before, None)
    assert not (Path(settings.MEDIA_ROOT) / "t_aaaaaaaaaaaa").exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil"])
def test_names_that_climb_out_are_refused_even_when_signed(whole, name):
    def climb(entries):
        manifest = json.loads(entries["manifest.json"])
        manifest["files"][name] = {"size": 4, "sha256": "x"}
        entries["manifest.json"] = json.dumps(manifest).encode()
        entries[f"files/{name}"] = b"evil"

    with pytest.raises(loading.BadPackage):
        loading.load(altered(whole, climb, resign=True), "t_aaaaaaaaaaaa")


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100, b"PK\x03\x04" + b"\0" * 100])
def test_other_files_are_refused_with_a_reason(data, database):
    client = operators.signed_in()
    form = {"slug": "moved-in", "reason": REASON, "package": SimpleUploadedFile("x.zip", data)}
    assert client.post("/operations/import/", form).status_code == 422
    with activate_public():
        assert not Operation.objects.exists()
    assert (
        not list((storage.root() / "incoming").glob("*")) if (storage.root() / "incoming").exists() else True
    )


def test_packages_of_strangers_are_refused_until_a_key_is_shared(whole, settings):
    settings.KONTOR_PACKAGE_KEYS = ["another installation"]
    with pytest.raises(loading.BadPackage, match="signature"):
        loading.read_manifest(whole)
    settings.KONTOR_PACKAGE_KEYS = ["another installation", settings.SECRET_KEY]
    assert loading.read_manifest(whole)["workspace"]["slug"] == "globex"


def test_a_damaged_backup_is_noticed_before_anything_happens(other_workspace):
    backup = backed_up(other_workspace)
    path = storage.absolute(backup.path)
    path.write_bytes(path.read_bytes()[:-100])
    row = operations.start(
        Kind.RESTORE_IN_PLACE, other_workspace, "op@example.com", **{"from": str(backup.pk)}
    )
    operations.run(row.pk)
    with activate_public():
        row.refresh_from_db()
    assert row.state == "failed" and "not as it was written" in row.error
    assert again(other_workspace).schema_name == other_workspace.schema_name


def test_a_full_disk_leaves_no_torn_package(other_workspace, monkeypatch):
    def full(*_a, **_k):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(package, "_write_files", full)
    row = operations.start(Kind.BACK_UP, other_workspace, "op@example.com")
    operations.run(row.pk)
    with activate_public():
        row.refresh_from_db()
        assert row.state == "failed" and "No space" in row.error and not Backup.objects.exists()
    assert not list(storage.folder_of(other_workspace).glob("*"))


# the queue -----------------------------------------------------------------------------------------------------------


def test_bytes_of_a_package_say_nothing_in_their_names(whole):
    with zipfile.ZipFile(io.BytesIO(whole.read_bytes())) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert set(manifest["tables"]) & PASSING == set()
    assert manifest["tables"]["identity_user"]["rows"] >= 7
