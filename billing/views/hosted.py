"""The built-in provider's own pages: checkout and portal. They work without script, like everything public."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from billing import mode
from billing.providers.builtin import cards, checkout, clock, contracts, invoicing, portal, states
from billing.providers.builtin.collecting import Declined
from billing.providers.builtin.models import Checkout
from billing.providers.interface import ProviderError


def _words(code: str) -> str:
    known = {
        "card.number": _("This is no card number. Check the digits."),
        "card.expiry": _("Give month and year as on the card, for example 12 / 30."),
        "card.expired": _("This card has expired."),
        "card.not_a_test_card": _("This page takes test cards only. Never type a real card here."),
        "iban.invalid": _("This is no IBAN. Check the digits."),
        "iban.not_a_test_account": _("This page takes test accounts only. Never type a real IBAN here."),
        "card_declined": _("The card was declined. Nothing was charged. Try another one."),
        "authentication_failed": _("The payment was not confirmed. Nothing was charged."),
        "checkout.subscribed": _("A subscription runs already. Nothing was charged."),
        "coupon.used_up": _(
            "This discount code has been used as often as it can be used. Nothing was charged. "
            "Go back and buy without it."
        ),
        "method.not_offered": _("Choose one of the ways to pay."),
    }
    return known.get(code, _("That did not work. Nothing was charged."))


def _details(request: HttpRequest) -> cards.MethodDetails:
    """What was typed in. Raises BadDetails."""
    kind = request.POST.get("kind", "")
    if kind not in methods():
        raise cards.BadDetails("kind", "method.not_offered")
    if kind == "bank_transfer":
        return cards.transfer()
    if kind == "sepa_debit":
        return cards.account(request.POST.get("iban", ""))
    month, _slash, year = request.POST.get("expiry", "")[:9].partition("/")
    return cards.card(request.POST.get("number", "")[:40], month.strip(), year.strip(), clock.now().date())


def methods() -> tuple[str, ...]:
    """Ways to pay: cards and debits exist only for tests, a transfer always."""
    return ("card", "sepa_debit", "bank_transfer") if mode.is_test() else ("bank_transfer",)


@never_cache
@csrf_protect
@sensitive_post_parameters("number", "expiry", "iban", "cvc")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """The checkout page."""
    row = _checkout(checkout_id)
    with translation.override(row.language):
        if row.status == checkout.COMPLETE:
            return HttpResponseRedirect(row.success_url)
        if row.status == checkout.EXPIRED:
            return _page(request, "expired", {"checkout": row}, 410)
        if request.method != "POST":
            return _form(request, row)
        try:
            if checkout.pay(checkout_id, _details(request)) == "authenticate":
                return redirect("billing:confirm", checkout_id=checkout_id)
        except cards.BadDetails as error:
            return _form(request, row, error.code, error.field)
        except Declined as error:
            return _form(request, row, error.code, "number", 402)
        except ProviderError as error:
            return _form(request, row, error.code, "", 409)
        return HttpResponseRedirect(row.success_url)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """The bank's question: was it you? (3-D Secure test page)"""
    row = _checkout(checkout_id)
    with translation.override(row.language):
        if row.status == checkout.COMPLETE:
            return HttpResponseRedirect(row.success_url)
        if row.status == checkout.EXPIRED or row.waiting_method is None:
            return redirect("billing:checkout", checkout_id=checkout_id)
        if request.method != "POST":
            return _page(request, "confirm", {"checkout": row, **_sum(row)})
        try:
            checkout.confirm(checkout_id, approved=request.POST.get("answer") == "yes")
        except Declined as error:
            return _form(request, row, error.code, "", 402)
        except ProviderError as error:
            return _form(request, row, error.code, "", 409)
        return HttpResponseRedirect(row.success_url)


def _checkout(checkout_id: str) -> Checkout:
    try:
        return checkout.find(checkout_id)
    except ProviderError:
        raise Http404 from None


def _sum(row: Checkout) -> dict[str, Any]:
    lines = contracts.first_lines(row.price, row.seats, row.addons, clock.now())
    offs = invoicing.whole_period(invoicing.first_discount(row.coupon, row.price.interval), lines)
    total = invoicing.sum_up(row.customer, row.price, lines, offs)
    return {"preview": states.preview(total, row.price.currency)}


def _form(
    request: HttpRequest, row: Checkout, code: str = "", field: str = "", status: int = 422
) -> HttpResponse:
    context = {
        "checkout": row,
        "methods": methods(),
        "kind": request.POST.get("kind") or methods()[0],
        "error": _words(code) if code else "",
        "field": field,
        "seller": settings.KONTOR_SELLER,
        **_sum(row),
    }
    return _page(request, "checkout", context, status if code else 200)


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"billing/hosted/{name}.html", {"test": mode.is_test(), **context}, status=status)


@never_cache
@csrf_protect
@sensitive_post_parameters("number", "expiry", "iban", "cvc")
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, visit_id: str) -> HttpResponse:
    """The portal page: another payment method; open invoices are charged with it at once."""
    try:
        visit = portal.find(visit_id)
    except ProviderError:
        raise Http404 from None
    with translation.override(visit.language):
        context: dict[str, Any] = {
            "visit": visit,
            "methods": methods(),
            "kind": request.POST.get("kind") or methods()[0],
            "current": visit.customer.methods.filter(is_default=True).first(),
        }
        if request.method != "POST":
            return _page(request, "portal", context)
        try:
            portal.change_method(visit, _details(request))
        except cards.BadDetails as error:
            return _page(
                request, "portal", context | {"error": _words(error.code), "field": error.field}, 422
            )
        except Declined as error:
            return _page(request, "portal", context | {"error": _words(error.code), "field": "number"}, 402)
        return HttpResponseRedirect(visit.return_url)
