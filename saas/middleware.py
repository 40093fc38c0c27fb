"""Request id and security headers: the outermost layers of every answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from uuid_utils import uuid7

from saas.request_context import request_id

Handler = Callable[[HttpRequest], HttpResponse]

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("saas.request")


class RequestIdMiddleware:
    """Gives each request an id (the proxy's `X-Request-ID` when it is well formed) and logs one line.

    Neither the query string nor the body is logged: both may carry personal data.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        current = offered if _ACCEPTABLE_ID.fullmatch(offered) else uuid7().hex
        token = request_id.set(current)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = current
            tenant = getattr(request, "tenant", None)
            _log.info(
                "request",
                tenant=str(tenant.pk) if tenant else None,
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
            return response
        finally:
            request_id.reset(token)


def content_security_policy() -> str:
    """The default policy: nothing but our own origin, no inline script, no framing.

    A redirect after a form counts as a form target in browsers, so the product's own hosts and the payment
    page are listed: sign-up on the public host ends on the workspace's host.
    """
    scheme = "https" if settings.KONTOR_HTTPS else "http"
    usual = 443 if settings.KONTOR_HTTPS else 80
    port = "" if usual == settings.KONTOR_PUBLIC_PORT else f":{settings.KONTOR_PUBLIC_PORT}"
    domain = settings.KONTOR_BASE_DOMAIN
    ours = f"{scheme}://{domain}{port} {scheme}://*.{domain}{port}"
    return "; ".join(
        [
            "default-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "style-src 'self' 'unsafe-inline'",  # the component library writes style elements
            "script-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            f"form-action 'self' {ours} https://checkout.stripe.com https://billing.stripe.com",
        ]
    )


class SecurityHeadersMiddleware:
    """Adds the security headers a view has not set itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_security_policy(),
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=(self)",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        if settings.SECURE_HSTS_SECONDS:
            self.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response
