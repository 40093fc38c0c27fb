"""Invoices on the operators' console: what is open, transfers booked, credits, refunds, the proof of each account, and
the month for the bookkeeper (ASP-1 Provider invoice, ASP-20.3 bank transfer)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Dispute, Invoice
from billing.services import booking_export, bookkeeping, clock, invoice_wording, ledger, payments
from saas.console.money import shown_amount
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tenants.operator import audit, navigation, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

PAGE_SIZE = 50
_TONES = {"paid": "good", "open": "info", "uncollectible": "bad", "void": "", "draft": ""}
app_name = "invoices"


class AmountField(forms.DecimalField):
    """An amount with two places, kept in minor units."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(
            label=label, max_digits=12, decimal_places=2, min_value=Decimal("0.01"), localize=False, **kwargs
        )

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class RefundForm(forms.Form):
    """A transfer sent back, as on the bank statement."""

    amount = AmountField(gettext_lazy("Amount"))
    reference = forms.CharField(label=gettext_lazy("Reference on the bank statement"), max_length=200)


class PaymentForm(RefundForm):
    """A transfer seen on the bank statement."""

    surplus = forms.BooleanField(
        label=gettext_lazy("More than is owed: the rest stays in the customer's favour"), required=False
    )


class CreditForm(forms.Form):
    """What is taken off an invoice."""

    amount = AmountField(gettext_lazy("Amount with VAT"))
    reason = forms.CharField(label=gettext_lazy("Reason, printed on the credit note"), max_length=300)
    #: One page, one credit note, however often its button is pressed.
    key = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)


class RetryForm(forms.Form):
    """Nothing to say."""


def _kinds() -> dict[str, QuerySet[Invoice]]:
    rows = Invoice.objects.exclude(number="").select_related("tenant")
    return {
        "open": rows.filter(state="open"),
        "overdue": rows.filter(state="open", due_at__lt=clock.now()),
        "disputed": rows.filter(disputes__state__in=["open", "lost"]).distinct(),
        "all": rows,
    }


@operator_page
def invoice_list(request: OperatorRequest) -> HttpResponse:
    """Invoices, newest first: open, overdue, disputed or all, found by number or workspace."""
    kinds = _kinds()
    state = request.GET.get("state", "open")
    state = state if state in kinds else "open"
    query = " ".join(request.GET.get("q", "").split())[:80]
    rows = kinds[state]
    if query:
        rows = rows.filter(
            Q(number__icontains=query) | Q(tenant__name__icontains=query) | Q(buyer_name__icontains=query)
        )
    page = Paginator(rows.order_by("-issued_at", "-number"), PAGE_SIZE).get_page(request.GET.get("page"))
    labels = {"open": _("Open"), "overdue": _("Overdue"), "disputed": _("Disputed"), "all": _("All")}
    context = {
        "rows": [_row(invoice) for invoice in page],
        "page": page,
        "state": state,
        "query": query,
        "states": [(name, labels[name], kinds[name].count()) for name in labels],
        "disputes": Dispute.objects.filter(state="open").count(),
    }
    return show(request, "saas/console/invoices.html", "invoices", context)


def _row(invoice: Invoice) -> dict[str, Any]:
    overdue = invoice.state == "open" and invoice.due_at is not None and invoice.due_at < clock.now()
    return {
        "invoice": invoice,
        "tone": "bad" if overdue else _TONES[invoice.state],
        "overdue": overdue,
        "total": shown_amount(invoice.currency, invoice.total_minor),
        "due": shown_amount(invoice.currency, invoice.due_minor) if invoice.due_minor else "",
        "favour": shown_amount(invoice.currency, -invoice.balance_minor) if invoice.balance_minor < 0 else "",
    }


Act = Callable[[Invoice, dict[str, Any], str], Invoice]
_ACTS: dict[str, tuple[type[forms.Form], Act]] = {
    "payment": (PaymentForm, lambda i, v, by: payments.book_bank_payment(i.pk, v["amount"], reference=v["reference"], surplus=v["surplus"], by=by)),
    "credit": (CreditForm, lambda i, v, by: payments.credit(i.pk, v["amount"], reason=v["reason"], key=v["key"], by=by)),
    "refund": (RefundForm, lambda i, v, by: payments.pay_out(i.pk, v["amount"], reference=v["reference"], by=by)),
    "retry": (RetryForm, lambda i, v, by: payments.retry(i.pk, by=by)),
}  # fmt: skip


@operator_page
def invoice_page(request: OperatorRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice with lines, payments and credits; `POST act=payment|credit|refund|retry` for who manages money."""
    invoice = get_object_or_404(Invoice.objects.select_related("tenant"), pk=invoice_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    bound: forms.Form | None = None
    status = 200
    if request.method == "POST":
        if not request.operator.can(Capability.MANAGE_MONEY):
            return HttpResponse(status=403)
        if act not in _ACTS:
            raise Http404
        bound = _ACTS[act][0](request.POST, auto_id=f"{act}_%s")
        if bound.is_valid() and _perform(request, invoice, act, bound):
            return redirect("invoices:invoice", invoice_id=invoice.pk)
        status = 422
        invoice.refresh_from_db()
    forms_shown = [
        (name, bound if name == act and bound is not None else _fresh(name, invoice), *_words(name))
        for name in payments.possible(invoice)
    ]
    context = _row(invoice) | {
        "lines": [(line, shown_amount(invoice.currency, line.net_minor)) for line in invoice.lines.all()],
        "payments": [
            (
                p,
                invoice_wording.payment_name(p.kind, p.reference),
                shown_amount(invoice.currency, p.amount_minor),
            )
            for p in invoice.payments.all()
        ],
        "credits": [(c, shown_amount(invoice.currency, c.total_minor)) for c in invoice.credit_notes.all()],
        "disputes": [(d, shown_amount(d.currency, d.amount_minor)) for d in invoice.disputes.all()],
        "net": shown_amount(invoice.currency, invoice.net_minor),
        "tax_label": invoice_wording.tax_line(invoice.tax_treatment, invoice.tax_rate),
        "tax": shown_amount(invoice.currency, invoice.tax_minor),
        "forms": forms_shown,
    }
    return show(request, "saas/console/invoice.html", "invoices", context, status=status)


def _perform(request: OperatorRequest, invoice: Invoice, act: str, form: forms.Form) -> bool:
    """Do it and write it into the audit; a refusal becomes an error of the form."""
    try:
        _ACTS[act][1](invoice, form.cleaned_data, request.operator.email)
    except TenantRefusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        return False
    audit.record(
        request.operator.email, f"invoice.{act}", invoice.tenant_id, reason=form.cleaned_data.get("reason", ""),
        number=invoice.number, amount_minor=form.cleaned_data.get("amount"),
        reference=form.cleaned_data.get("reference", ""),
    )  # fmt: skip
    say(request, _("Done. It stands on the customer's account."))
    return True


def _fresh(name: str, invoice: Invoice) -> forms.Form:
    amount = {"payment": invoice.due_minor, "refund": -invoice.balance_minor}.get(name)
    first = {"amount": f"{Decimal(amount) / 100:.2f}"} if amount and amount > 0 else {}
    if name == "credit":
        first["key"] = uuid4().hex
    return _ACTS[name][0](initial=first, auto_id=f"{name}_%s")


def _words(name: str) -> tuple[str, str]:
    """Heading and button of an act."""
    return {
        "payment": (_("Book a bank transfer"), _("Book the payment")),
        "credit": (_("Write a credit note"), _("Write the credit note")),
        "refund": (_("Book a refund that was sent"), _("Book the refund")),
        "retry": (_("Charge again"), _("Charge now")),
    }[name]


def _month(request: OperatorRequest) -> tuple[datetime, datetime]:
    """First moment of the month asked for (`?month=2026-04`) and of the next one; this month where nothing is said."""
    now = clock.now()
    try:
        day = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        day = now.date().replace(day=1)
    start = datetime(min(max(day.year, 2000), 2999), day.month, 1, tzinfo=UTC)
    return start, start + relativedelta(months=1)


@operator_page(needs=Capability.MANAGE_MONEY)
def books(request: OperatorRequest) -> HttpResponse:
    """A month for the bookkeeper: VAT by rate, the downloads, and the checks of numbers and accounts."""
    start, end = _month(request)
    rows = bookkeeping.documents(start, end)
    sums = [
        (
            row,
            invoice_wording.treatment_name(row.treatment),
            *(shown_amount(row.currency, minor) for minor in (row.net_minor, row.tax_minor, row.total_minor)),
        )
        for row in bookkeeping.tax_sums(rows)
    ]
    context = {
        "month": f"{start:%Y-%m}",
        "before": f"{start - relativedelta(months=1):%Y-%m}",
        "after": f"{end:%Y-%m}",
        "sums": sums,
        "count": len(rows),
        "missing": bookkeeping.missing_numbers(),
        "unsound": bookkeeping.unsound_accounts(),
    }
    return show(request, "saas/console/books.html", "books", context)


@operator_page(needs=Capability.MANAGE_MONEY)
def books_csv(request: OperatorRequest, what: str) -> HttpResponse:
    """A month's documents or movements of money as CSV (UTF-8 with mark); `?layout=de` as German spreadsheets read it."""
    start, end = _month(request)
    wanted = request.GET.get("layout", "plain")
    name = wanted if wanted in booking_export.LAYOUTS else "plain"
    layout = booking_export.LAYOUTS[name]
    suffix = "" if name == "plain" else f"-{name}"
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{what}-{start:%Y-%m}{suffix}.csv"'
    text = io.StringIO()
    if what == "documents":
        booking_export.write_documents(text, bookkeeping.documents(start, end), layout)
    else:
        booking_export.write_movements(text, bookkeeping.movements(start, end), layout)
    answer.write("\ufeff" + text.getvalue())
    audit.record(
        request.operator.email, "books.exported", None, what=what, month=f"{start:%Y-%m}", layout=name
    )
    return answer


@operator_page
def account(request: OperatorRequest, tenant_id: UUID) -> HttpResponse:
    """The account of one customer, entry by entry, with its check."""
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    context = {
        "tenant": tenant,
        "rows": [
            row
            | {
                "amount": shown_amount(row["entry"].currency, row["entry"].amount_minor),
                "balance": shown_amount(row["entry"].currency, row["entry"].balance_minor),
            }
            for row in ledger.statement(tenant)
        ],
        "faults": ledger.verify(tenant),
        "differs": any(ledger.difference(tenant).values()),
    }
    return show(request, "saas/console/account.html", "invoices", context)


urlpatterns = [
    path("", invoice_list, name="invoices"),
    path("books/", books, name="books"),
    path("books/documents.csv", books_csv, {"what": "documents"}, name="documents_csv"),
    path("books/movements.csv", books_csv, {"what": "movements"}, name="movements_csv"),
    path("accounts/<uuid:tenant_id>/", account, name="account"),
    path("<uuid:invoice_id>/", invoice_page, name="invoice"),
]


def _found(query: str) -> set[UUID]:
    """Workspaces with an invoice whose number has these words."""
    if len(query) < 3:
        return set()
    rows = Invoice.objects.filter(number__icontains=query).order_by("-issued_at")
    return set(rows.values_list("tenant", flat=True)[:200])


def register() -> None:
    """Add the pages to the navigation, and let workspaces be found by the numbers of their invoices."""
    registry.register_finder(_found)
    pages = (
        ("invoices", gettext_lazy("Invoices"), "invoices:invoices", Capability.VIEW, 10),
        ("books", gettext_lazy("Bookkeeping"), "invoices:books", Capability.MANAGE_MONEY, 30),
    )
    for name, label, url_name, needs, order in pages:
        navigation.register_section(
            navigation.Section(name, label, url_name, navigation.BILLING, needs=needs, order=order)
        )
