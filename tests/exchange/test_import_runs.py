"""The states of an import: run, failed half-way, cancelled, undone, forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.exchange.services import imports
from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, NotFound
from crm_core.records import service
from tests.exchange.wizards import make, model


def test_states_say_what_is_possible(wizard: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    with pytest.raises(Conflict):
        wizard.act(import_, "undo")
    done = wizard.act(import_, "run")
    assert imports.state_of(done) == "done"
    for action in ("check", "run", "cancel"):
        with pytest.raises(Conflict):
            imports.act(import_.pk, action, wizard.actor)
    with pytest.raises(Conflict):
        wizard.change(import_, object="contact")
    assert imports.state_of(wizard.act(import_, "undo")) == "undone"
    assert model("account").count() == 0
    with pytest.raises(NotFound):
        imports.act(import_.pk, "dance", wizard.actor)
    imports.delete(import_.pk, wizard.actor)
    with pytest.raises(NotFound):
        imports.find(import_.pk, wizard.actor)


def test_a_run_that_failed_half_way_is_resumed_or_undone_but_never_begun_again(
    wizard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_core.exchange import staging
    from crm_core.records import jobs
    from tests.exchange.conftest import work_off

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    import_ = wizard.upload("Name\n" + "".join(f"A{i}\n" for i in range(25)), "accounts.csv", "account")
    job = imports.act(import_.pk, "run", wizard.actor).job
    assert jobs.run_next_step(job.pk)
    jobs.Job.objects.filter(pk=job.pk).update(state="failed", error="power cut")
    assert imports.state_of(imports.find(import_.pk, wizard.actor)) == "failed"
    for action in ("check", "run"):
        with pytest.raises(Conflict):
            imports.act(import_.pk, action, wizard.actor)
    jobs.control(job.pk, "retry", wizard.actor)
    assert work_off(job.pk).state == "succeeded"
    assert model("account").count() == 25


def test_a_run_whose_field_is_taken_away_meanwhile_fails_in_words_and_can_be_undone(
    wizard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_core.exchange import staging
    from crm_core.metadata.customization import publishing
    from crm_core.records import jobs

    def published(operation: str, name: str | None, definition: dict[str, Any]) -> str:
        actor = wizard.actor
        made = publishing.add_change("attribute", operation, "account", name, definition, actor.user_id).name
        publishing.publish(actor.user_id, actor.name)
        return str(made)

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    name = published("create", None, {"label": "Berths", "type": "text"})
    rows = "Name,Berths\n" + "".join(f"A{i},{i}\n" for i in range(25))
    import_ = wizard.upload(rows, "accounts.csv", "account")
    assert import_.mapping["columns"]["1"]["attribute"] == name
    job = imports.act(import_.pk, "run", wizard.actor).job
    assert jobs.run_next_step(job.pk)
    published("delete", name, {})
    jobs.run_next_step(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["refused"]["code"]) == ("failed", "import.field_gone")
    assert "“Berths”" in job.error and model("account").count() == 10
    wizard.act(import_, "undo")
    assert model("account").count() == 0


def test_a_cancelled_run_stops_and_can_be_undone(wizard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_core.exchange import staging
    from crm_core.records import jobs

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    import_ = wizard.upload("Name\n" + "".join(f"A{i}\n" for i in range(25)), "accounts.csv", "account")
    job = imports.act(import_.pk, "run", wizard.actor).job
    jobs.run_next_step(job.pk)
    canceled = imports.act(import_.pk, "cancel", wizard.actor)
    assert imports.state_of(canceled) == "canceled" and not jobs.run_next_step(job.pk)
    assert model("account").count() == 10
    wizard.act(import_, "undo")
    assert model("account").count() == 0


def test_old_imports_are_forgotten_and_their_records_stay(wizard: Any, settings: Any) -> None:
    from datetime import timedelta
    from pathlib import Path

    from django.utils import timezone

    from crm_core.exchange.handlers import forget_old
    from crm_core.exchange.models import Import, ImportRow

    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    wizard.act(import_, "run")
    forget_old()
    assert Import.objects.count() == 1
    Import.objects.update(created_at=timezone.now() - timedelta(days=31))
    forget_old()
    assert Import.objects.count() == ImportRow.objects.count() == 0
    assert model("account").count() == 1
    assert Path(settings.MEDIA_ROOT).is_dir()


def test_undo_gives_back_the_former_state_and_lists_conflicts(wizard: Any, fingerprint: Any) -> None:
    make(
        wizard,
        "account",
        {"name": "Kept", "account_number": "1", "phone": "1"},
        {"name": "Edited", "account_number": "2", "phone": "2"},
    )
    before = fingerprint()
    text = "Account number,Phone,Name\n1,111,Kept\n2,222,Edited\n3,333,Fresh\n4,444,Used\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    import_ = wizard.change(import_, match={"mode": "both", "keys": ["account_number"]})
    assert wizard.act(import_, "run").stats == {"created": 2, "updated": 2, "duplicate": 0, "failed": 0}
    edited, used = model("account").get(name="Edited"), model("account").get(name="Used")
    service.update(registry.get("account"), edited.pk, {"phone": "999"}, wizard.actor)
    make(
        wizard,
        "contact",
        {"last_name": "Guest", "parent_customer": {"object": "account", "id": str(used.pk)}},
    )
    undone = wizard.act(import_, "undo")
    assert undone.job.result["undo_conflicts"] == 2
    assert {f.code for f in undone.job.failures.all()} == {"undo.changed_since", "undo.in_use"}
    assert dict(model("account").values_list("name", "phone")) == {
        "Kept": "1",
        "Edited": "999",
        "Used": "444",
    }

    second = wizard.upload("Account number,Phone,Name\n1,5,Kept\n8,8,Gone\n", "accounts.csv", "account")
    second = wizard.change(second, match={"mode": "both", "keys": ["account_number"]})
    between = fingerprint()
    wizard.act(second, "run")
    wizard.act(second, "undo")
    assert fingerprint() == between != before
