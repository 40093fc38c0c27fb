"""Who must have a second factor, and who is told what happens to one.

Sign-in knows no roles and no settings: the console and the CRM register their rules here and listen to the signals.
"""

from __future__ import annotations

from typing import Any, Protocol

from django.dispatch import Signal

from tenants.identity.models import User

#: A right code was given and `user` is signed in by it. Arguments: `request`, `user`, `how`: totp, recovery, set_up.
given = Signal()
#: Something about `user`'s second factor happened: `what` is one of the constants below. Arguments: `user`, `what`, `address`.
changed = Signal()

ON, OFF, RENEWED = "second_factor_on", "second_factor_off", "recovery_codes_renewed"
#: By whoever owns the machine; what administrators reset, they audit.
RESET = "second_factor_reset"
RECOVERY_USED, REFUSED, LOCKED = "recovery_code_used", "code_refused", "codes_locked"


class Rule(Protocol):
    """Says who must have a second factor."""

    def noted(self, users: Any) -> Any:
        """The users asked for, with what :meth:`needs` looks at, so that a sign-in takes no statement more."""

    def needs(self, user: User) -> bool:
        """Whether ``user`` comes in only with a second factor."""


_rules: list[Rule] = []


def register(rule: Rule) -> None:
    """Ask ``rule`` at each sign-in. Registering it again changes nothing."""
    if rule not in _rules:
        _rules.append(rule)


def noted(users: Any) -> Any:
    """A queryset of users with what the rules look at."""
    for rule in _rules:
        users = rule.noted(users)
    return users


def needs(user: User) -> bool:
    """Whether any rule asks a second factor of ``user``."""
    return any(rule.needs(user) for rule in _rules)
