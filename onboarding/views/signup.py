"""Sign-up: the form, its helpers for the small script, and the page that says "check your mail"."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing.services.catalogue import price_currency
from onboarding.forms import NAME_MESSAGES, FormExpired, SignUpForm, new_mark, read_mark, was_filled_too_fast
from onboarding.mailbox import is_open as mailbox_is_open
from onboarding.services import proof, rates, signup
from onboarding.services.email_rules import FREE_MAIL, mail_domain
from onboarding.visitor import likely_country, page, site_language, site_page
from tenants import countries, slugs
from tenants.addresses import operator_url, origin
from tenants.errors import TenantRefusal
from tenants.identity.clients import client_address

_SENT_SALT = "onboarding.sent"
_SENT_LIFETIME_SECONDS = 24 * 3600
_LEGAL_FORMS = re.compile(
    r"\b(gmbh(\s*&\s*co\.?\s*kg)?|ag|kg|ohg|gbr|ug|e\.?\s?k|se|ltd|limited|llc|inc|corp|plc|ab|oy|as|bv|nv|sa|sarl|"
    r"srl|spa|ood|eood|ad|ооо|оао|еоод|оод)\b\.?",
    re.IGNORECASE,
)
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "a", "ø": "o", "æ": "ae", "&": "-"}
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@site_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """The form. 422 with the fields at fault, 429 when a network signs up too often, else the next page."""
    if request.method != "POST":
        return _form_page(request, _empty_form(request))
    form = _bound_form(request)
    form.is_valid()
    if request.POST.get("website"):  # filled by a program: it sees what everybody sees
        return _sent(request.POST.get("email", "")[:254], "trap")
    problem = _refusal(request, form)
    if problem is not None:
        return problem
    wish = form.wish()
    mark_key = read_mark(form.cleaned_data["mark"])
    # The wish is part of the key: a corrected address after "back" is a new sign-up, a double click is not.
    key = hashlib.sha256(f"{mark_key}\0{wish.email}\0{wish.slug}".encode()).hexdigest()
    signup.submit(wish, submission_key=key, ip=client_address(request))
    return _sent(wish.email, key)


def _refusal(request: HttpRequest, form: SignUpForm) -> HttpResponse | None:
    """The answer that refuses the form, or None when it is good."""
    mark = form.data.get("mark", "")
    try:
        read_mark(mark)
    except FormExpired:
        form.data["mark"] = new_mark()  # type: ignore[index]
        return _form_page(
            request, form, _("The form was open for too long. Please send it again."), "form.expired"
        )
    if form.errors:
        return _form_page(request, form)
    if was_filled_too_fast(mark):
        return _form_page(
            request, form, _("That was very quick. Please send the form once more."), "form.too_fast"
        )
    return _proof_refusal(request, form) or _rate_refusal(request, form)


def _proof_refusal(request: HttpRequest, form: SignUpForm) -> HttpResponse | None:
    """422 when so many sign up that a proof of work is asked for, and this form has none."""
    if not proof.is_wanted(rates.network_of(client_address(request))):
        return None
    try:
        proof.check(form.data.get("challenge", "")[:500], form.data.get("proof", ""))
    except proof.ProofRefused as refused:
        message = _(
            "Many are signing up at this moment. Please send the form once more; your browser needs JavaScript for it. "
            "Without it, write to us and we create the workspace for you."
        )
        return _form_page(request, form, message, refused.code)
    return None


def _rate_refusal(request: HttpRequest, form: SignUpForm) -> HttpResponse | None:
    """429 when the address, its network or the mail domain signed up too often."""
    address = client_address(request)
    domain = mail_domain(form.cleaned_data["email"])
    is_free = domain in FREE_MAIL
    per_domain = rates.SIGN_UPS_PER_FREE_MAIL_DOMAIN if is_free else rates.SIGN_UPS_PER_MAIL_DOMAIN
    rates.allow(rates.SIGN_UPS_IN_ALL, "")
    from_here = [
        (rates.SIGN_UPS_PER_IP, address),
        (rates.SIGN_UPS_PER_NETWORK, rates.network_of(address)),
    ]
    exceeded = [pair for pair in from_here if not rates.allow(*pair)]
    if exceeded:
        message = _("There were many sign-ups from your network. Please try again in an hour.")
        return _later(
            _form_page(request, form, message, "rate.exceeded", status=429),
            max(rates.wait(*pair) for pair in exceeded),
        )
    if not rates.allow(per_domain, domain):
        message = _("There were many sign-ups with addresses of this mail domain. Please try again tomorrow.")
        return _later(
            _form_page(request, form, message, "rate.mail_domain", status=429), rates.wait(per_domain, domain)
        )
    return None


def _later(answer: HttpResponse, seconds: int) -> HttpResponse:
    """A refusal that says when another try makes sense."""
    answer["Retry-After"] = str(seconds)
    return answer


def _currency(request: HttpRequest) -> str:
    return price_currency(countries.usual(likely_country(request)).currency)


def _empty_form(request: HttpRequest) -> SignUpForm:
    country = likely_country(request)
    usual = countries.usual(country)
    language = site_language() if usual.language not in ("sv", "ru", "bg") else usual.language
    form = SignUpForm(
        site_language=site_language(),
        currency=_currency(request),
        initial={
            "country": country,
            "language": language,
            "currency": usual.currency,
            "sample_data": True,
            "mark": new_mark(),
        },
    )
    codes = [offer.code for offer in form.offers]
    recommended = next((offer.code for offer in form.offers if offer.is_recommended), None)
    asked = request.GET.get("plan", "")
    form.initial["plan"] = asked if asked in codes else recommended
    return form


def _bound_form(request: HttpRequest) -> SignUpForm:
    data = request.POST.copy()
    company = request.POST.get("company", "")
    if not request.POST.get("slug", "").strip() and company:
        data["slug"] = free_name(company[:160])
    return SignUpForm(data, site_language=site_language(), currency=_currency(request))


def _form_page(
    request: HttpRequest, form: SignUpForm, problem: str = "", code: str = "", status: int = 422
) -> HttpResponse:
    failed = bool(problem or form.errors)
    if failed and request.accepts("application/json") and not request.accepts("text/html"):
        return _problem_json(form, problem, code, status)
    form.describe()
    context: dict[str, Any] = {
        "form": form,
        "challenge": proof.new_challenge(),
        "wants_proof": proof.is_wanted(rates.network_of(client_address(request))),
        "problem": problem,
        "problem_code": code,
        "hide_signup": True,
        "address_suffix": address_suffix(),
        "trial_days": max((offer.trial_days for offer in form.offers), default=30),
    }
    return page(request, "onboarding/signup.html", context, status=status if failed else 200)


def _problem_json(form: SignUpForm, problem: str, code: str, status: int) -> JsonResponse:
    errors = [
        {"code": error.code or "invalid", "message": " ".join(error.messages), "field": name}
        for name, found in form.errors.as_data().items()
        for error in found
    ]
    first = (
        errors[0] if len(errors) == 1 else {"code": "validation.failed", "message": problem, "field": None}
    )
    if problem:
        first = {"code": code, "message": problem, "field": None}
    return JsonResponse({**first, "details": {"errors": errors}}, status=status)


def address_suffix() -> str:
    """What follows the workspace's name in its address, with an unusual port: `localhost:8000`."""
    return origin(settings.KONTOR_BASE_DOMAIN).partition("://")[2]


def _sent(email: str, key: str) -> HttpResponse:
    sealed = signing.dumps({"email": email, "key": key}, salt=_SENT_SALT)
    return HttpResponseRedirect(f"{reverse('onboarding:sent')}?k={sealed}", status=303)


def resend_key(found: Any) -> str:
    """The sealed value with which the "send again" button names a sign-up."""
    return signing.dumps({"email": found.email, "key": found.submission_key}, salt=_SENT_SALT)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@site_page
def sent(request: HttpRequest) -> HttpResponse:
    """ "Check your mail", the same for every address; POST sends the mail once more when one is due."""
    sealed = request.POST.get("k") or request.GET.get("k", "")
    try:
        values = signing.loads(sealed, salt=_SENT_SALT, max_age=_SENT_LIFETIME_SECONDS)
    except signing.BadSignature:
        return HttpResponseRedirect(reverse("onboarding:signup"))
    if request.method == "POST":
        signup.resend(values["key"])
        return HttpResponseRedirect(f"{reverse('onboarding:sent')}?k={sealed}&again=1", status=303)
    context = {
        "email": values["email"],
        "hours": signup.TOKEN_LIFETIME // timedelta(hours=1),
        "key": sealed,
        "sent_again": "again" in request.GET,
        "mailbox_url": operator_url("/mailbox/") if mailbox_is_open() else "",
        "hide_signup": True,
    }
    return page(request, "onboarding/sent.html", context)


@never_cache
@require_safe
@site_page
def name_check(request: HttpRequest) -> HttpResponse:
    """`?name=` → whether it is free; `?company=` → a free name made of it. For the script of the form."""
    address = client_address(request)
    if not rates.allow(rates.NAME_CHECKS_PER_IP, address):
        refused = JsonResponse({"code": "rate.exceeded", "message": _("Please wait a moment.")}, status=429)
        return _later(refused, rates.wait(rates.NAME_CHECKS_PER_IP, address))
    company = request.GET.get("company", "")[:160]
    name = free_name(company) if company else request.GET.get("name", "")[:100]
    try:
        return JsonResponse({"name": slugs.check_name(name), "available": True, "code": None, "message": ""})
    except TenantRefusal as refusal:
        message = str(NAME_MESSAGES[refusal.code])
        return JsonResponse({"name": name, "available": False, "code": refusal.code, "message": message})


def free_name(company: str) -> str:
    """A free workspace name for `company`: its words without the legal form, numbered when taken."""
    plain = _LEGAL_FORMS.sub(" ", company).casefold().translate(_SPELT_OUT)
    ascii_text = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[: slugs.LONGEST - 3].strip("-")
    if not base:
        return ""
    for candidate in (base, f"{base}-crm", *(f"{base}-{number}" for number in range(2, 10))):
        try:
            return slugs.check_name(candidate)
        except TenantRefusal as refusal:
            if refusal.code == "tenant.name_invalid" and len(base) >= slugs.SHORTEST:
                break
    return base


@require_safe
def country(request: HttpRequest) -> HttpResponse:
    """`?code=` → currency, language and time zone usual there. For the script of the form."""
    usual = countries.usual(request.GET.get("code", "")[:2].upper())
    return JsonResponse(
        {"currency": usual.currency, "language": usual.language, "time_zone": usual.time_zone}
    )
