"""Who may see the operators' console (ASP-30)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from tenants.context import in_public


def operator_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For signed-in operators on the operators' host; others are sent to sign in. 404 inside a workspace."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not in_public():
            raise Http404
        if not (request.user.is_authenticated and request.user.is_operator):
            return redirect(f"/login/?next={quote(request.get_full_path())}")
        return view(request, *args, **kwargs)

    return guarded
