"""What may stand between the right password and being signed in (A5).

The operators' console registers its second factor here; the log-in pages know no more than that there is one.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tenants.identity.models import User

#: ``step(request, user, target)`` → the page that asks for more, or None when the password is enough.
SecondStep = Callable[[HttpRequest, User, str], HttpResponse | None]

_steps: list[SecondStep] = []


def register(step: SecondStep) -> None:
    """Ask ``step`` after each right password. Registering it again changes nothing."""
    if step not in _steps:
        _steps.append(step)


def begin(request: HttpRequest, user: User, target: str) -> HttpResponse | None:
    """The first further page any registered step wants to show, or None."""
    for step in _steps:
        response = step(request, user, target)
        if response is not None:
            return response
    return None
