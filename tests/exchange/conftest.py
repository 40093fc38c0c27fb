"""A seeded workspace with an administrator, and imports driven as the wizard drives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_core.exchange.models import Import
from crm_core.exchange.services import imports, uploading
from crm_core.metadata import registry
from crm_core.records import files, jobs
from crm_core.records.duplicates.rules import deliver
from crm_core.records.models import Job
from crm_core.security.actor import Actor, actor_for
from crm_core.security.services import create_system_user, seed_security
from tests.sales_people import make, rep  # noqa: F401


@pytest.fixture
def seeded(workspace: Any, settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    seed_security("Acme", currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
    registry.forget()
    deliver()
    return workspace


@pytest.fixture
def admin(seeded: Any) -> Actor:
    user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


# workspaces an archive goes between ------------------------------------------------------------------------------------
@pytest.fixture
def source(workspace: Any, settings: Any, tmp_path: Path) -> Actor:
    from tests.exchange import moved_workspaces as moved

    settings.MEDIA_ROOT = str(tmp_path / "media")
    return moved.signing_in("Ada Admin", "ada@example.com", company="Acme")


@pytest.fixture
def target(source: Actor, other_workspace: Any) -> Iterator[Actor]:
    """The administrator of an empty workspace, which is active; the same person as in the source."""
    from tests.exchange import moved_workspaces as moved

    with moved.working_in(other_workspace):
        yield moved.signing_in("Ada Admin", "ada@example.com", company="Globex")


@pytest.fixture
def small(source: Actor) -> bytes:
    """An archive with little in it."""
    from tests.exchange import moved_workspaces as moved

    about = make("account", source, name="Nord AG")
    stored = files.store("a.txt", [b"hello"], "text/plain", source.user_id)
    make(
        "note",
        source,
        title="n",
        regarding={"object": "account", "id": str(about)},
        attachment=str(stored.pk),
    )
    return moved.exported(source)


def work_off(job_id: Any) -> Job:
    """Run a job as workers do: step by step, each picked up anew."""
    while jobs.run_next_step(job_id):
        pass
    return Job.objects.get(pk=job_id)


class Wizard:
    """Uploads a text as a file and takes it through the steps."""

    def __init__(self, actor: Actor):
        self.actor = actor

    def upload(self, content: str | bytes, name: str = "list.csv", object_name: str | None = None) -> Import:
        data = content.encode() if isinstance(content, str) else content
        found = uploading.create_import(self.actor, [data], name, object_name)
        if imports.state_of(found) == "reading":
            work_off(found.job_id)
        return imports.find(found.pk, self.actor)

    def change(self, import_: Import, **changes: Any) -> Import:
        return imports.update(import_.pk, changes, self.actor)

    def act(self, import_: Import, action: str) -> Import:
        found = imports.act(import_.pk, action, self.actor)
        if imports.state_of(found) in ("checking", "running", "undoing"):
            job = work_off(found.job_id)
            assert job.state in ("succeeded", "undone", "canceled"), job.error
        return imports.find(import_.pk, self.actor)

    def rows(self, import_: Import, status: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
        return imports.rows(import_.pk, self.actor, status=status, limit=limit)["rows"]

    def codes(self, import_: Import, status: str = "error") -> dict[int, list[tuple[str | None, str]]]:
        """Errors as {row number: [(field, code)]}."""
        return {
            r["number"]: [(e["field"], e["code"]) for e in r["errors"]] for r in self.rows(import_, status)
        }


@pytest.fixture
def wizard(admin: Actor) -> Wizard:
    return Wizard(admin)


@pytest.fixture
def fingerprint() -> Callable[[], dict[str, Any]]:
    """The state of every object of the workspace, to compare before and after."""

    def take() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entity in registry.all():
            rows = entity.model.objects.all()
            if entity.discriminator:
                rows = rows.filter(object=entity.discriminator)
            columns = [
                f.attname
                for f in entity.model._meta.concrete_fields
                if f.attname not in ("version", "modified_at", "modified_by_id")
            ]
            found[entity.name] = sorted(map(str, rows.values_list(*columns)))
        from crm_core.security.models import Principal

        found["principals"] = sorted(
            map(str, Principal.objects.values_list("id", "name", "is_active", "business_unit_id"))
        )
        return found

    return take
