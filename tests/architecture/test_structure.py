"""What the house forbids, checked on the source and on the database (ARCHITECTURE 1, 4, 5)."""

from __future__ import annotations

import ast
import graphlib
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest
from django.apps import apps
from django.db import connection

import crm_core
from crm_core.metadata.declaration import declared
from crm_core.metadata.record import Record

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("saas", "tenants", "crm_core", "billing", "onboarding")
ABOVE_RECORDS = ("api", "customers", "activities", "sales")
MAX_TABLES = 120


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def test_only_the_record_service_touches_record_managers() -> None:
    models = {m.__name__ for m in apps.get_models() if issubclass(m, Record)}
    people = {"SystemUser", "Team", "BusinessUnit", "Role"}
    found = []
    for path, tree in sources(*[f"crm_core/{name}" for name in ABOVE_RECORDS]):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in (
                "objects",
                "_base_manager",
                "_default_manager",
            ):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if name in models - people or name == "model":
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_no_modules_import_each_other_not_even_late() -> None:
    """Imports inside of functions count as well: they only hide a circle. Imports for types alone do not."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 500
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def test_every_rule_belongs_to_an_object_and_every_action_has_a_privilege() -> None:
    from crm_core.security.depth import PRIVILEGES

    listed = [function for entity in declared().values() for function in entity.rules]
    rules = []
    for info in pkgutil.walk_packages(crm_core.__path__, "crm_core."):
        if ".rules" not in info.name or ".migrations" in info.name:
            continue
        module = importlib.import_module(info.name)
        rules += [
            f for f in vars(module).values() if hasattr(f, "on") and getattr(f, "__module__", "") == info.name
        ]
    unused = [f"{f.__module__}.{f.__name__}" for f in rules if f not in listed]
    assert rules and unused == []
    for entity in declared().values():
        assert len(set(entity.rules)) == len(entity.rules), entity.name
        for action in entity.actions.values():
            assert action.privilege in PRIVILEGES, (entity.name, action.name)
            assert callable(action.run)


def test_declarations_name_only_what_exists() -> None:
    for entity in declared().values():
        names = set(entity.attributes)
        for view in entity.views:
            assert {c.split(".")[0] for c in view.columns} <= names, (entity.name, view.key)
            assert {o.lstrip("-").split(".")[0] for o in view.order} <= names, (entity.name, view.key)
        for part in (
            entity.quick_create,
            entity.facts,
            entity.form.header,
            *[s.attributes for s in entity.form.sections],
        ):
            assert set(part) <= names, (entity.name, set(part) - names)
        assert len({v.key for v in entity.views}) == len(entity.views), entity.name


def test_nobody_enters_a_tenant_as_a_context_manager() -> None:
    found = []
    for path, tree in sources(*PACKAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.With):
                for item in node.items:
                    if isinstance(item.context_expr, ast.Name) and item.context_expr.id in (
                        "tenant",
                        "workspace",
                    ):
                        found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_no_room_is_a_junk_drawer() -> None:
    banned = {"utils", "helpers", "common", "managers", "misc"}
    found = [
        str(p.relative_to(ROOT))
        for name in PACKAGES
        for p in (ROOT / name).rglob("*")
        if p.stem in banned and p.suffix in ("", ".py")
    ]
    assert found == []


def test_every_decision_has_a_number_of_its_own() -> None:
    records = sorted((ROOT / "deploy/docs/decisions").glob("*.md"))
    numbers = [p.name[:4] for p in records]
    assert len(numbers) == len(set(numbers)), numbers
    assert [p.name for p in records if not p.read_text().startswith(f"# {p.name[:4]} ")] == []


def test_no_workspace_table_is_reachable_through_public(workspace: Any) -> None:
    from django.conf import settings

    both = {"contenttypes", "identity"}
    labels = {
        apps.get_app_config(a.rsplit(".", 1)[-1]).label
        for a in settings.TENANT_APPS
        if a != "django.contrib.contenttypes"
    }
    tables = {
        m._meta.db_table
        for m in apps.get_models(include_auto_created=True)
        if m._meta.app_label in labels - both
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        public = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT current_schemas(false)")
        path = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [workspace.schema_name])
        count = cursor.fetchone()[0]
    assert tables & public == set()
    assert "public" not in path and path[0] == workspace.schema_name
    assert len(tables) <= count <= MAX_TABLES


def test_migrations_know_every_model(workspace: Any) -> None:
    from django.core.management import call_command

    try:
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    except SystemExit:
        pytest.fail("A model changed without its migration.")
