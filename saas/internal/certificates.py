"""May the proxy fetch a certificate for this host? Asked by Caddy before each certificate on demand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tenants import hosts


def may_have_certificate(name: str) -> bool:
    """Whether `name` is a registered address of a workspace whose host answers.

    Addresses that were given up still count while they redirect, and so do suspended workspaces: their administrators
    pay and export there. Deleted and unfinished ones don't: nobody may run our account at the certificate authority into
    its limits with names we do not serve.
    """
    host = hosts.host_name(name)
    if host is None or ":" in name:
        return False
    found = hosts.find(host)
    return found is not None and found.tenant.is_reachable


def answer(request: HttpRequest) -> HttpResponse:
    """200 or 404 for `?domain=<host>`; the body is the same for every refusal and says nothing about anyone."""
    known = may_have_certificate(request.GET.get("domain", ""))
    return HttpResponse(
        "Yes\n" if known else "Not found\n",
        status=200 if known else 404,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )
