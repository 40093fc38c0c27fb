"""Who may import what, and what a refused file leaves behind."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.exchange.services import imports, uploading
from crm_core.metadata.errors import CrmError, Forbidden, Malformed, NotFound
from crm_core.security.actor import actor_for
from crm_core.security.services import create_system_user
from tests.exchange.wizards import map_columns


def test_importing_needs_its_privilege_and_foreign_imports_do_not_exist(wizard: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    reader = actor_for(
        create_system_user("Rita Reader", "rita@example.com", roles=["read_only"]).pk, "screen"
    )
    with pytest.raises(Forbidden):
        uploading.create_import(reader, [b"Name\nA\n"], "a.csv", "account")
    with pytest.raises(Forbidden):
        uploading.create_import(reader, [b"Name\nA\n"], "a.csv")
    with pytest.raises(NotFound):
        imports.find(import_.pk, reader)
    seller = actor_for(
        create_system_user("Sam Seller", "sam@example.com", roles=["salesperson"]).pk, "screen"
    )
    with pytest.raises(NotFound):
        imports.find(import_.pk, seller)
    with pytest.raises(CrmError):
        uploading.create_import(wizard.actor, [b"Name\nA\n"], "a.csv", "business_unit")


def test_secured_attributes_are_no_targets_for_those_who_may_not_write_them(wizard: Any) -> None:
    seller = actor_for(
        create_system_user("Sam Seller", "sam@example.com", roles=["salesperson"]).pk, "screen"
    )
    wizard.actor = seller
    import_ = wizard.upload("Last name,Annual income\nA,5\n", "contacts.csv", "contact")
    assert "annual_income" not in {t["name"] for t in imports.describe(import_, seller)["targets"]}
    with pytest.raises(Malformed):
        map_columns(wizard, import_, **{"Last name": "last_name", "Annual income": "annual_income"})


def test_a_refused_file_leaves_nothing_behind(wizard: Any, settings: Any) -> None:
    from pathlib import Path

    from crm_core.exchange.models import Import

    with pytest.raises(CrmError) as refusal:
        wizard.upload(b"%PDF-1.7 x", "a.csv")
    assert refusal.value.code == "file.not_a_table"
    with pytest.raises(CrmError):
        wizard.upload("Name,City\n", "a.csv")
    assert not [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]
    assert Import.objects.count() == 0
