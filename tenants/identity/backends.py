"""Password check for Django's ``authenticate`` (PLT-41 login)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tenants.identity.addresses import normalize_email
from tenants.identity.models import User
from tenants.identity.second_factor import rules
from tenants.identity.sso import people

# Argon2 over megabytes would be a way to keep the server busy (I19).
LONGEST_PASSWORD = 1024


class WorkspaceBackend:
    """Users of the current schema. Takes about the same time for unknown accounts."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The active user with this e-mail and password, or None."""
        if not username or not password or len(password) > LONGEST_PASSWORD or "\0" in username + password:
            return None
        user = people.noted(rules.noted(User.objects.filter(email=normalize_email(username)))).first()
        if user is None or not user.has_usable_password():
            User().set_password(password)  # spend the time a real check takes
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session; a deactivated one is signed out."""
        return User.objects.filter(pk=user_id, is_active=True).first()
