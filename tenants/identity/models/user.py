"""Who signs in. The CRM person (unit, roles, territory) is crm_core.security.SystemUser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.context import GuardedModel, GuardedQuerySet
from tenants.identity.addresses import normalize_email
from tenants.ids import uuid7


class UserManager(BaseUserManager.from_queryset(GuardedQuerySet)):  # type: ignore[misc]
    """Creates users with normalised e-mail addresses."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> User:
        """Create a user of the current schema. Without password nobody can sign in until one is set.

        Raises ValueError when ``email`` is empty.
        """
        address = normalize_email(email)
        if not address:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=address, **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalize_email(username or ""))


class User(GuardedModel, AbstractBaseUser):
    """A login of this schema. Never deleted, only deactivated (PLT-41)."""

    class Licence(models.TextChoices):
        FULL = "full", _("Full")
        READ_ONLY = "read_only", _("Read-only")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.CharField(_("E-mail"), max_length=254)
    full_name = models.CharField(_("Name"), max_length=160, blank=True, default="")
    is_active = models.BooleanField(_("Active"), default=True)
    # Administrator of the workspace; crm_core keeps it in step with the System administrator role. It
    # decides who may still sign in to a suspended workspace (ASP-20).
    is_admin = models.BooleanField(_("Administrator"), default=False)
    is_operator = models.BooleanField(_("Operator"), default=False)
    #: Which kind of seat it takes (ASP-1 licence kinds). A read-only one changes nothing, whatever its roles say.
    licence = models.CharField(_("Licence"), max_length=12, choices=Licence.choices, default=Licence.FULL)
    #: A confirmed authenticator is asked for at each sign-in; written by identity.second_factor alone.
    has_second_factor = models.BooleanField(default=False, db_default=False)
    language = models.CharField(_("Language"), max_length=12, blank=True, default="")
    time_zone = models.CharField(_("Time zone"), max_length=64, blank=True, default="")
    password_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "identity_user"
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["email"], name="identity_user_email")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    @property
    def is_staff(self) -> bool:
        """Django's admin is never offered to anybody."""
        return False
