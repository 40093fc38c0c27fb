"""The operators of this installation, and one's own second factor (ASP-1 Operator user)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.identity.second_factor import codes, own
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.errors import Refused
from tenants.operator.models import Capability, Operator, Role
from tenants.operator.pages import say, show
from tenants.operator.services import operators


class NewOperatorForm(forms.Form):
    """Who is to operate."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.READ_ONLY)


class ReasonForm(forms.Form):
    """Why, and the new role where one is given."""

    reason = forms.CharField(min_length=5, max_length=500)
    role = forms.ChoiceField(choices=Role.choices, required=False)


@operator_page(needs=Capability.MANAGE_OPERATORS)
@require_http_methods(["GET", "HEAD", "POST"])
def operator_list(request: OperatorRequest) -> HttpResponse:
    """All operators; posting the form adds one, who gets a mail to set his password."""
    form, status = NewOperatorForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = operators.create(
                    data["email"],
                    data["name"],
                    data["role"],
                    by=request.operator.email,
                    language=get_language() or "en",
                )
            except Refused as error:
                form.add_error(error.field, str(error.message))
                status = error.status
            else:
                say(request, _("%(email)s gets a mail to set a password.") % {"email": made.email})
                return redirect("operator:operators")
    return show(request, "operator/operators.html", "operators", _listed(form), status)


def _listed(form: forms.Form) -> dict[str, object]:
    rows = [
        {"operator": row, "is_enrolled": row.user.has_second_factor}
        for row in Operator.objects.select_related("user")
    ]
    return {"rows": rows, "form": form, "roles": Role.choices}


@operator_page(needs=Capability.MANAGE_OPERATORS)
@require_POST
def operator_act(request: OperatorRequest, pk: UUID, act: str) -> HttpResponse:
    """Change the role, switch off or on, reset the second factor of one operator."""
    target = get_object_or_404(Operator.objects.select_related("user"), pk=pk)
    form = ReasonForm(request.POST)
    word: object = _("Give a reason of at least five letters.")
    status = 422
    if form.is_valid():
        by, reason = request.operator.email, form.cleaned_data["reason"]
        try:
            if act == "role" and form.cleaned_data["role"]:
                operators.change_role(target, form.cleaned_data["role"], by=by, reason=reason)
            elif act in ("enable", "disable"):
                operators.switch(target, act == "enable", by=by, reason=reason)
            elif act == "reset":
                operators.reset_second_factor(target, by=by, reason=reason)
            else:
                raise Http404
        except Refused as error:
            word, status = error.message, error.status
        else:
            say(request, _("Done."))
            return redirect("operator:operators" if target.pk != request.operator.pk else "operator:tenants")
    say(request, word)
    return show(request, "operator/operators.html", "operators", _listed(NewOperatorForm()), status)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: OperatorRequest) -> HttpResponse:
    """One's own role, and new recovery codes, which need a fresh code of the app."""
    refused, user = None, request.operator.user
    if request.method == "POST":
        try:
            made = own.renew_codes(request, user, request.POST.get("code", "")[:40])
            return show(request, "operator/new_recovery_codes.html", "", {"codes": made})
        except own.FactorRefused as error:
            refused = error
    context = {"left": codes.recovery_codes_left(user), "error": refused.message if refused else ""}
    return show(request, "operator/account.html", "", context, refused.status if refused else 200)
