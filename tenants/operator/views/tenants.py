"""Workspaces: the list and its CSV (ASP-30 List/search)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tenants.models import (
    Tenant,
    TenantState,
)
from tenants.operator import audit, plan_names, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.pages import show
from tenants.operator.services.tenant_rows import (
    counts_by_state,
    found_tenants,
    needing_attention,
    rows_of,
    with_sandboxes,
)

PAGE_SIZE = 50
LONGEST_EXPORT = 20_000
# A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@operator_page
def tenant_list(request: OperatorRequest) -> HttpResponse:
    """All tenants, newest first; search, filter by state."""
    query, state, plan = _asked(request)
    page = Paginator(found_tenants(query, state, plan), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = counts_by_state()
    states = [(value, label, counts.get(value, 0)) for value, label in TenantState.choices if value in counts]
    context = {
        "rows": rows_of(with_sandboxes(list(page))),
        "columns": registry.columns(),
        "page": page,
        "query": query,
        "state": state,
        "states": states,
        "attention": len(needing_attention()),
        "plan": plan,
        "plans": plan_names.sold(),
        "total": sum(counts.values()),
    }
    return show(request, "operator/tenants.html", "tenants", context)


def _asked(request: HttpRequest) -> tuple[str, str, str]:
    wanted = request.GET
    return wanted.get("q", "").strip()[:100], wanted.get("state", ""), wanted.get("plan", "")[:40]


@operator_page
def tenant_csv(request: OperatorRequest) -> HttpResponse:
    """The list as a spreadsheet opens it, at most 20,000 rows; formula-safe (I-group)."""
    query, state, plan = _asked(request)
    tenants = with_sandboxes(list(found_tenants(query, state, plan)[:LONGEST_EXPORT]))
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n").writerow
    heads = [
        "Name",
        "Address",
        "State",
        "Plan",
        "Users",
        "Seats",
        "Fullest limit",
        "Percent",
        "Bytes",
        "Last used",
        "Migrations",
        "Health",
    ]
    heads += [str(column.label) for column in registry.columns()]
    write([*heads, "Owner", "Country", "Region", "Created", "Trial ends", "Id", "Sandbox of"])
    for start in range(0, len(tenants), 500):
        for row in rows_of(tenants[start : start + 500]):
            write(_safe(_cells(row)))
    audit.record(
        request.operator.email, "tenants.exported", rows=len(tenants), query=query, state=state, plan=plan
    )
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="workspaces-{timezone.now():%Y-%m-%d}.csv"'
    return response


def _cells(row: dict[str, Any]) -> list[Any]:
    tenant: Tenant = row["tenant"]
    moments = (row["last_seen_at"], tenant.created_at, tenant.trial_ends_at)
    seen, created, trial = (moment.strftime("%Y-%m-%d %H:%M") if moment else "" for moment in moments)
    return [
        tenant.name, row["slug"], row["state"], tenant.plan_code, row["users"], row["seats"], *(row["fullest"] or ("", "")),
        row["size"], seen,
        "behind" if row["behind"] else "up to date", row["health"][1], *(value for _column, value in row["added"]),
        tenant.owner_email, tenant.country, tenant.region, created, trial, tenant.pk,
        tenant.parent_id or "",
    ]  # fmt: skip


def _safe(cells: Iterable[Any]) -> list[str]:
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text.lstrip().startswith(_FORMULA) else text for text in texts]
