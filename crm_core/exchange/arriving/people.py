"""The importing administrator among the people of the archive; nobody else can sign in by an import (PLT-41)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from crm_core.exchange.arriving.opening import Archive
from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.metadata.searching import search_text_for
from crm_core.records.models import Job
from crm_core.security.actor import Actor
from crm_core.security.models import BusinessUnit, Role, RoleAssignment, SystemUser
from crm_core.security.services import people as security_people

_PEOPLE, _PRINCIPALS = "data/security.systemuser.jsonl", "access/principals.jsonl"
_ASSIGNMENTS = "access/role_assignments.jsonl"


@dataclass(frozen=True)
class Importer:
    """Who imports: his person here, and the login that goes over to whom he is in the archive."""

    person: SystemUser
    login_id: uuid.UUID
    email: str

    @classmethod
    def of(cls, actor: Actor) -> Importer:
        """Raises ArchiveRefused `archive.no_login` for an administrator who cannot sign in."""
        person = SystemUser.objects.select_related("login", "principal").filter(pk=actor.user_id).first()
        if person is None or person.login is None:
            raise ArchiveRefused("no_login", "Only an administrator who can sign in imports an archive.")
        return cls(person, person.login.pk, person.login.email)

    def settle(self, archive: Archive) -> tuple[uuid.UUID, bool, dict[str, set[Any]]]:
        """Give the login to its person of the archive, else to the same person as before, now in the archive's root unit.

        Returns (person, whether the archive knew him, rows that were added to the archive's by entry).
        """
        added: dict[str, set[Any]] = {_PEOPLE: set(), _PRINCIPALS: set(), _ASSIGNMENTS: set()}
        known = self.known()
        if known is None:
            known = self._bring_along()
            added[_PEOPLE].add(known.pk)
            added[_PRINCIPALS].add(known.pk)
            was_known = False
        else:
            was_known = True
        SystemUser.objects.filter(pk=known.pk).update(login_id=self.login_id)
        if not RoleAssignment.objects.filter(
            principal_id=known.pk, role__is_administrator=True, role__deleted_at=None, role__state="active"
        ).exists():
            role = Role.objects.filter(
                key=security_people.ADMINISTRATOR, deleted_at=None, state="active"
            ).first()
            if role is None:
                raise ArchiveRefused("no_administrators", "The archive has no role for administrators.")
            given = RoleAssignment.objects.create(role=role, principal_id=known.pk)
            added[_ASSIGNMENTS].add(given.pk)
        security_people.sync_login(known.pk)
        Job.objects.filter(created_by=self.person.pk).update(created_by=known.pk)
        return known.pk, was_known, added

    def known(self) -> SystemUser | None:
        """The active person of the archive with the importer's address."""
        rows = SystemUser.objects.filter(
            email__iexact=self.email,
            state="active",
            deleted_at=None,
            principal__is_active=True,
            business_unit__state="active",
        )
        return rows.order_by("created_at", "pk").first()

    def _bring_along(self) -> SystemUser:
        root = BusinessUnit.objects.filter(parent=None, deleted_at=None).order_by("created_at", "pk").first()
        if root is None:
            raise ArchiveRefused("no_root_unit", "The archive has no root unit.")
        taken = SystemUser.objects.filter(pk=self.person.pk).exists()
        person = security_people.new_person(
            self.person.full_name, self.person.email, root.pk, login_id=self.login_id,
            user_id=None if taken else self.person.pk,
        )  # fmt: skip
        person.language, person.time_zone = self.person.language, self.person.time_zone
        person.preferences = self.person.preferences
        person.search_text = search_text_for("user", person)
        person.principal.save(force_insert=True)
        person.save(force_insert=True)
        return person
