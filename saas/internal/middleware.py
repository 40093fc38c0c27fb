"""The internal address: a port of its own that no proxy forwards to (SAAS.md §5.2 health, custom domains).

The port a request arrived at is the server's own knowledge; unlike a host name or a header no client can
pretend it. On every other port the internal paths do not exist.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from saas.internal import certificates, metrics

Handler = Callable[[HttpRequest], HttpResponse]

_ANSWERS: dict[str, Handler] = {"/metrics": metrics.answer, "/internal/certificate": certificates.answer}


class InternalMiddleware:
    """Answers `/metrics` and `/internal/certificate` on the internal port, and nothing else there.

    Anywhere else both paths are 404, also where the single-page application answers every address. The
    sender's own address has to lie in KONTOR_INTERNAL_NETWORKS; forwarded addresses are not believed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = _ANSWERS.get(request.path)
        if is_internal(request):
            return answer(request) if answer and request.method == "GET" else _nothing()
        return self.get_response(request) if answer is None else _nothing()


def is_internal(request: HttpRequest) -> bool:
    """Whether the request came in by the internal port, from an allowed network, and through no proxy."""
    if not settings.KONTOR_INTERNAL_PORT or request.META.get("SERVER_PORT") != str(
        settings.KONTOR_INTERNAL_PORT
    ):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    networks = (ipaddress.ip_network(text, strict=False) for text in settings.KONTOR_INTERNAL_NETWORKS)
    return any(address in network for network in networks)


def _nothing() -> HttpResponse:
    return HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
