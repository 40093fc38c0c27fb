"""Which workspace the current thread works in, and the guards around it (ARCHITECTURE.md §5).

The search path of a workspace is its own schema plus the extension schema, never public: a missing table
fails loudly instead of reading somebody else's (SAAS.md §0.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django_tenants.models import TenantMixin
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import get_public_schema_name

if TYPE_CHECKING:
    from tenants.models import Tenant


class TenancyError(RuntimeError):
    """Something is about to run in the wrong schema; a programming error, never shown to users."""


class SchemaMismatch(TenancyError):
    """A queryset or record of one schema is used in another (SAAS.md T11)."""


class NoWorkspace(TenancyError):
    """Workspace code runs while no workspace is active."""


def _connection() -> Any:
    """This thread's connection; django-tenants' wrapper, which type stubs do not know."""
    return connections[DEFAULT_DB_ALIAS]


def current_schema() -> str:
    """Name of the schema this thread's connection is set to, without asking the database."""
    return _connection().schema_name


def in_public() -> bool:
    """Whether this thread works with the control data."""
    return current_schema() == get_public_schema_name()


@contextmanager
def activate(tenant: Tenant) -> Iterator[Tenant]:
    """Work in ``tenant``'s schema, and in nothing else, for the length of the block.

    The previous schema is kept on this call's own stack, so threads cannot swap tenants (SAAS.md §0.2).
    Raises TenancyError for the public schema: use ``activate_public``.
    """
    if not tenant.schema_name or tenant.schema_name == get_public_schema_name():
        raise TenancyError("activate() is for workspaces; use activate_public() for control data.")
    with _switched(tenant):
        yield tenant


@contextmanager
def activate_public() -> Iterator[None]:
    """Work with the control data (tenants, billing) for the length of the block."""
    with _switched(FakeTenant(schema_name=get_public_schema_name())):
        yield


@contextmanager
def activate_schema(schema_name: str) -> Iterator[None]:
    """Work in a schema that has no tenant yet (template, pool). Operators' code only."""
    with _switched(FakeTenant(schema_name=schema_name)):
        yield


@contextmanager
def _switched(target: Any) -> Iterator[None]:
    connection = _connection()
    previous, with_public = connection.tenant, connection.include_public_schema
    public = get_public_schema_name()
    if connection.schema_name == target.schema_name and (not with_public or target.schema_name == public):
        # The path is the same: what was sent stays sent. Only whom it is said to belong to may differ.
        connection.tenant = target
        try:
            yield
        finally:
            connection.tenant = previous
        return
    connection.set_tenant(target, include_public=False)
    try:
        yield
    finally:
        connection.set_tenant(previous, include_public=with_public)


def current_tenant() -> Tenant:
    """The workspace this thread works in. Raises NoWorkspace outside of one."""
    tenant = _connection().tenant
    if tenant is None or isinstance(tenant, FakeTenant):
        raise NoWorkspace("No workspace is active on this thread.")
    return tenant


def current_tenant_id() -> str:
    """The active workspace's id as text, or ``public`` outside of one; what sessions and keys are bound to."""
    return str(getattr(_connection().tenant, "pk", None) or current_schema())


def assert_workspace(statement_timeout_ms: int | None = None) -> None:
    """Ask the database once whether the path is really the active workspace's; refuse to go on if not.

    One round trip, the sending of the path included. ``statement_timeout_ms`` is set in the same statement: for the
    transaction when there is one, else until the next is asserted; behind a pooler, where the server connection changes
    hands, with each transaction's path. Raises TenancyError.
    """
    expected = current_tenant().schema_name
    _assert_schema(expected, statement_timeout_ms)


def assert_public(statement_timeout_ms: int | None = None) -> None:
    """The same for the control data: the path must resolve to public alone. Raises TenancyError."""
    if not in_public():
        raise TenancyError(f"{current_schema()!r} is active where control data is expected.")
    _assert_schema(get_public_schema_name(), statement_timeout_ms)


def _assert_schema(expected: str, statement_timeout_ms: int | None) -> None:
    asked, given = "current_schema(), current_schemas(false)", []
    connection = _connection()
    if statement_timeout_ms is not None:
        local = connection.in_atomic_block
        if not local:
            connection.statement_timeout_ms = statement_timeout_ms
        if local or not connection.behind_pooler:
            asked = f"{asked}, set_config('statement_timeout', %s, {'true' if local else 'false'})"
            given = [str(statement_timeout_ms)]
    schema, path = connection.ask_on_path(asked, given)[:2]
    # A schema that does not exist is silently left out of the path, so compare with what really resolves.
    if schema != expected or (expected != get_public_schema_name() and get_public_schema_name() in path):
        raise TenancyError(f"The database resolves to {schema!r} while {expected!r} is active.")


def _refuse_unsafe_switch(*_args: Any, **_kwargs: Any) -> None:
    raise TenancyError(
        "Use tenants.context.activate(): TenantMixin's own switching shares one stack between all threads "
        "and puts public on the path."
    )


def forbid_unsafe_switching() -> None:
    """Make ``with tenant:``, ``tenant.activate()`` and ``Tenant.deactivate()`` raise (SAAS.md §0.2)."""
    TenantMixin.__enter__ = _refuse_unsafe_switch
    TenantMixin.activate = _refuse_unsafe_switch
    TenantMixin.deactivate = classmethod(_refuse_unsafe_switch)


class GuardedQuerySet(models.QuerySet):
    """A queryset that belongs to the schema it was built in and refuses to run in another one (T11).

    Every way of reaching the database (iteration, count, update, delete, prefetch …) asks ``db`` first,
    so the check sits there. Querysets made by a related manager are also checked against the schema of
    the record they hang on.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema = current_schema()

    def _clone(self) -> GuardedQuerySet:
        clone = super()._clone()  # type: ignore[misc]
        clone._schema = self._schema
        return clone

    @property
    def db(self) -> str:
        schema = current_schema()
        if self._schema != schema:
            raise SchemaMismatch(f"{self.model.__name__} queryset of {self._schema!r} used in {schema!r}.")
        origin = getattr(self._hints.get("instance"), "_schema", schema)  # type: ignore[attr-defined]
        if origin != schema:
            raise SchemaMismatch(f"{self.model.__name__} reached from a record of {origin!r} in {schema!r}.")
        return super().db


class GuardedManager(models.Manager.from_queryset(GuardedQuerySet)):  # type: ignore[misc]
    """The manager for tables of a workspace."""

    use_in_migrations = False


class GuardedModel(models.Model):
    """A record that remembers its schema and refuses to be saved or deleted in another one.

    Set ``base_manager_name = "objects"`` in Meta too, so that forward relations are guarded.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Any:  # type: ignore[override]
        instance = super().from_db(db, field_names, values)
        instance._schema = current_schema()
        return instance

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        self._assert_same_schema()
        super().save_base(*args, **kwargs)
        self._schema = current_schema()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self._assert_same_schema()
        return super().delete(*args, **kwargs)

    def _assert_same_schema(self) -> None:
        schema = current_schema()
        if getattr(self, "_schema", schema) != schema:
            raise SchemaMismatch(f"{type(self).__name__} of {self._schema!r} written in {schema!r}.")
