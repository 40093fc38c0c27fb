"""What belongs to another workspace, by addresses and files that were good at home (T15, T17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm_core.records.files import LINK_SECONDS
from tenants.context import activate
from tenants.models import Tenant
from tests.api_client import ApiClient, person

ADMINISTRATOR = "system_administrator"


def upload(api: ApiClient, path: str, name: str, content: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile(name, content)
    answer = api.client.post(f"/api/v1{path}", {"file": file, **fields}, HTTP_HOST=api.host, **api.headers)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_signed_file_address_works_at_home_unaltered_and_in_time(
    workspace: Tenant, other_workspace: Tenant
) -> None:
    """T15"""
    _user, home = person(workspace, "home@x.test", ADMINISTRATOR)
    _stranger, away = person(other_workspace, "away@x.test", ADMINISTRATOR)
    address = upload(home, "/files", "secret.txt", b"ours alone")["url"].removeprefix("/api/v1")
    assert home.get(address)[0] == 200
    assert away.get(address)[0] == 404
    theirs = upload(away, "/files", "other.txt", b"theirs")["url"].removeprefix("/api/v1")
    _path, signature = address.split("?signature=")
    for odd in (
        f"{theirs.split('?')[0]}?signature={signature}",  # another file under this signature
        address[:-1] + ("A" if address[-1] != "A" else "B"),
        address.split("?")[0],
        f"/files/../{workspace.schema_name}/x/download?signature={signature}",
    ):
        assert home.get(odd)[0] in (400, 404), odd
        assert away.get(odd)[0] in (400, 404), odd
    with time_machine.travel(timezone.now() + timedelta(seconds=LINK_SECONDS + 5), tick=False):
        assert home.get(address)[0] == 404


def test_an_import_that_names_foreign_ids_touches_nothing_there(
    workspace: Tenant, other_workspace: Tenant
) -> None:
    """T17: "update existing" finds records of its own workspace only."""
    _user, home = person(workspace, "home@x.test", ADMINISTRATOR)
    _stranger, away = person(other_workspace, "away@x.test", ADMINISTRATOR)
    theirs = away.post("/accounts", {"name": "Theirs"})[1]["id"]
    sheet = f"Record id,Name\n{theirs},Taken over\n".encode()
    made = upload(home, "/imports", "a.csv", sheet, object="account")
    columns = {"0": {"attribute": "id"}, "1": {"attribute": "name"}}
    for mapping in (
        {**made["mapping"], "columns": columns},
        made["mapping"],
    ):  # as asked for, else as guessed
        home.patch(f"/imports/{made['id']}", {"mapping": mapping})
    assert home.post(f"/imports/{made['id']}/actions/run")[0] < 300
    with activate(other_workspace):
        status, row = away.get(f"/accounts/{theirs}")
    assert (status, row["name"], row["version"]) == (200, "Theirs", 1)
    assert home.get(f"/accounts/{theirs}")[0] == 404
