"""Ready workspaces in stock, so that sign-up takes milliseconds (SAAS.md §0.5, §4.2)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

from tenants import cloning, locks, migration
from tenants.context import activate_public, activate_schema
from tenants.ids import new_schema_name
from tenants.models import PoolSchema, PoolTarget, TemplateSchema
from tenants.operator import audit

logger = logging.getLogger(__name__)

#: Each ready schema costs some megabytes; more than this nobody needs within minutes.
MOST = 200
# Session lock of the one process that builds; the server releases it when that process dies.
_BUILD_LOCK = 1_263_424_336


class PoolEmpty(RuntimeError):
    """No ready schema of the current level; fill the pool and try again."""


@dataclass(frozen=True)
class Preparation:
    """What every workspace has whoever takes it: ``run()`` writes it into a schema in stock, in English.

    ``version()`` is a text that changes whenever ``run`` would write something else.
    """

    name: str
    run: Callable[[], None]
    version: Callable[[], str]
    order: int


_preparations: dict[str, Preparation] = {}


def register_preparation(
    name: str, run: Callable[[], None], *, version: Callable[[], str], order: int = 500
) -> None:
    """Have ``run()`` called in each schema when it is built, in the transaction that builds it (decision 0004).

    What a claim finds there it need not write while somebody waits. Registering a name again replaces it.
    """
    _preparations[name] = Preparation(name, run, version, order)
    _level_of.cache_clear()


def level() -> str:
    """Digest of what a schema in stock is made of: the migrations and the preparations."""
    return _level_of(migration.current_level())


@lru_cache(maxsize=2)
def _level_of(migrations: str) -> str:
    digest = hashlib.sha256(migrations.encode())
    for preparation in _in_order():
        digest.update(f"\0{preparation.name}\0{preparation.version()}".encode())
    return digest.hexdigest()


def _in_order() -> list[Preparation]:
    return sorted(_preparations.values(), key=lambda preparation: (preparation.order, preparation.name))


def _prepare(schema_name: str) -> None:
    with activate_schema(schema_name), translation.override("en"):
        for preparation in _in_order():
            preparation.run()
        with connection.cursor() as cursor:  # what refers to nothing is found here and not by who claims it
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


_CLAIM = """
UPDATE tenants_pool_schema SET state = %(claimed)s, provisioning_id = %(wish)s, claimed_at = %(now)s
WHERE id = (SELECT id FROM tenants_pool_schema WHERE state = %(ready)s AND level = %(level)s
            ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  AND NOT EXISTS (SELECT FROM tenants_pool_schema WHERE provisioning_id = %(wish)s)
RETURNING *
"""


def target_size() -> int:
    """How many ready schemas to keep in stock: what operators chose, else the setting."""
    with activate_public():
        chosen = PoolTarget.objects.filter(pk=1).values_list("size", flat=True).first()
    return int(settings.KONTOR_POOL_SIZE) if chosen is None else chosen


def set_target(size: int, by: str) -> None:
    """Keep ``size`` ready schemas from now on, 0 to MOST."""
    if not 0 <= size <= MOST:
        raise ValueError(f"The stock is 0 to {MOST} workspaces.")
    with activate_public(), transaction.atomic():
        before = target_size()
        PoolTarget.objects.update_or_create(pk=1, defaults={"size": size, "changed_by": by})
        audit.record(by, "pool.target", before=before, size=size)


def claim(provisioning_id: UUID) -> PoolSchema:
    """Take the oldest ready schema for a provisioning. Repeating gives the same one.

    Must run inside a transaction. Two claims at once take two schemas. Raises PoolEmpty.
    """
    values = {"ready": PoolSchema.State.READY, "level": level(), "claimed": PoolSchema.State.CLAIMED,
              "wish": provisioning_id, "now": timezone.now()}  # fmt: skip
    with activate_public():
        for row in PoolSchema.objects.raw(_CLAIM, values):
            return row
        mine = PoolSchema.objects.filter(provisioning_id=provisioning_id).first()
    if mine is None:
        raise PoolEmpty("No ready workspace in stock.")
    return mine


def ready_count() -> int:
    """Ready schemas of the current migration level."""
    with activate_public():
        return PoolSchema.objects.filter(state=PoolSchema.State.READY, level=level()).count()


def fill(target: int | None = None) -> int:
    """Build schemas until ``target`` are ready; drop those of older levels first. Returns how many were built.

    Only one process builds at a time; a second caller returns 0 at once.
    """
    target = target_size() if target is None else target
    built = 0
    with locks.held_alone(_BUILD_LOCK) as alone:
        if not alone:
            return 0
        discard_outdated()
        while ready_count() < target:
            _build_one()
            built += 1
    return built


def discard_outdated() -> int:
    """Drop ready schemas and templates of another migration level, and what a dead builder left half-built.

    Call with the build lock held. Returns how many were dropped.
    """
    dropped = 0
    with activate_public():
        for half_built in PoolSchema.objects.filter(state=PoolSchema.State.BUILDING):
            cloning.drop_schema(half_built.schema_name)
            half_built.delete()
            dropped += 1
        old = PoolSchema.objects.filter(state=PoolSchema.State.READY).exclude(level=level())
        for pk in list(old.values_list("pk", flat=True)):
            dropped += _discard(pk)
        for template in TemplateSchema.objects.exclude(level=migration.current_level()):
            cloning.drop_schema(template.schema_name)
            template.delete()
            dropped += 1
    return dropped


def _discard(pk: UUID) -> int:
    with transaction.atomic():
        row = (
            PoolSchema.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, state=PoolSchema.State.READY)
            .first()
        )
        if row is None:  # claimed in this moment
            return 0
        cloning.drop_schema(row.schema_name)
        row.delete()
        return 1


def template() -> TemplateSchema:
    """The template of the current level; built by running the migrations when there is none yet.

    Call with the build lock held: whatever is half-built then belongs to a process that died.
    """
    current = migration.current_level()
    with activate_public():
        found = TemplateSchema.objects.filter(level=current).first()
        if found is not None and found.state == TemplateSchema.State.READY:
            return found
        if found is not None:
            logger.warning("Removing a half-built template")
            cloning.drop_schema(found.schema_name)
            found.delete()
        found = TemplateSchema.objects.create(level=current)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(found.schema_name)}")
    migration.migrate_schema(found.schema_name)
    with activate_public():
        found.state = TemplateSchema.State.READY
        found.ready_at = timezone.now()
        found.save(update_fields=["state", "ready_at"])
    return found


@lru_cache(maxsize=1)
def _blueprint(schema_name: str) -> cloning.Blueprint:
    return cloning.read_blueprint(schema_name)


def _build_one() -> PoolSchema:
    """Put one more schema into stock: cloned from the template, or migrated when that can't be cloned."""
    source = template()
    try:
        blueprint = _blueprint(source.schema_name)
    except cloning.CannotClone as error:
        logger.warning("The template can't be cloned (%s); building by migrations", error)
        return _build_by_migrations()
    name = new_schema_name()
    # Schema and stock row appear together or not at all.
    with activate_public(), transaction.atomic():
        cloning.create_schema(blueprint, name)
        _prepare(name)
        return PoolSchema.objects.create(
            schema_name=name, level=level(), state=PoolSchema.State.READY, ready_at=timezone.now()
        )


def _build_by_migrations() -> PoolSchema:
    """Slow way for templates with views, partitions or the like. A half-built one stays marked as such."""
    with activate_public():
        row = PoolSchema.objects.create(level=level())
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(row.schema_name)}")
    migration.migrate_schema(row.schema_name)
    with activate_public(), transaction.atomic():
        _prepare(row.schema_name)
        row.state, row.ready_at = PoolSchema.State.READY, timezone.now()
        row.save(update_fields=["state", "ready_at"])
    return row
