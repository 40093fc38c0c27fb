"""The forms of the public site. Errors carry stable codes and stand at their field (ASP-10.1, ASP-10.3)."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services.catalogue import public_offers
from onboarding.services.email_rules import EmailRefused, usable_email
from onboarding.services.signup import Wish
from tenants import countries, slugs
from tenants.errors import TenantRefusal
from tenants.plain_select import PlainSelect

FORM_LIFETIME_SECONDS = 12 * 3600
#: A person needs longer than this to fill the form in; a program that posts at once does not.
LEAST_FILL_SECONDS = 1
LONGEST_PASSWORD = 1024
_SALT = "onboarding.form"

NAME_MESSAGES = {
    "tenant.name_taken": gettext_lazy("This address is taken. Please choose another one."),
    "tenant.name_reserved": gettext_lazy("This address is reserved. Please choose another one."),
    "tenant.name_invalid": gettext_lazy(
        "Use 3 to 30 letters a–z, digits and single hyphens, with at least one letter; "
        "begin and end with a letter or digit."
    ),
}
EMAIL_MESSAGES = {
    "email.invalid": gettext_lazy("This is not a complete e-mail address."),
    "email.disposable": gettext_lazy("Throw-away addresses can't be used. Please give one that lasts."),
}


class FormExpired(ValueError):
    """The hidden form mark is missing, forged or older than twelve hours."""


def new_mark() -> str:
    """A fresh signed mark for a form: when it was shown, and a key that makes a double submit one."""
    return signing.dumps(secrets.token_hex(16), salt=_SALT)


def read_mark(mark: str) -> str:
    """The submission key in `mark`. Raises FormExpired."""
    try:
        return str(signing.loads(mark, salt=_SALT, max_age=FORM_LIFETIME_SECONDS))
    except signing.BadSignature as error:
        raise FormExpired from error


def was_filled_too_fast(mark: str) -> bool:
    """Whether the form came back faster than a person types."""
    try:
        signing.loads(mark, salt=_SALT, max_age=LEAST_FILL_SECONDS)
    except signing.SignatureExpired:
        return False
    return True


def check_workspace_name(value: str) -> str:
    """`tenants.slugs.check_name` as form validation. Raises ValidationError with the refusal's code."""
    try:
        return slugs.check_name(value)
    except TenantRefusal as refusal:
        raise ValidationError(NAME_MESSAGES[refusal.code], code=refusal.code) from refusal


class EmailField(forms.CharField):
    """An address that can receive mail for more than an hour."""

    widget = forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"})

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=254, error_messages={"max_length": EMAIL_MESSAGES["email.invalid"]}, **options
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return usable_email(text)
        except EmailRefused as error:
            raise ValidationError(EMAIL_MESSAGES[error.code], code=error.code) from error


class Accessible(forms.Form):
    """Ties errors and hints to their inputs for people who cannot see the page."""

    def describe(self) -> None:
        """Set `aria-invalid` and `aria-describedby` of every field with errors."""
        for name in self.errors:
            if name in self.fields:
                attributes = self.fields[name].widget.attrs
                attributes["aria-invalid"] = "true"
                attributes["aria-describedby"] = f"error_{name}"


class SignUpForm(Accessible):
    """Everything a workspace needs; the password is chosen after the address is confirmed.

    Otherwise somebody could sign up with a stranger's address, wait for the stranger's confirmation and know
    the password.
    """

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = EmailField()
    company = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    slug = forms.CharField(
        max_length=60,
        required=False,  # derived from the company's name
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    country = forms.ChoiceField(widget=PlainSelect)
    language = forms.ChoiceField(widget=PlainSelect)
    currency = forms.ChoiceField(required=False, widget=PlainSelect)
    time_zone = forms.ChoiceField(required=False, widget=PlainSelect)
    plan = forms.ChoiceField()
    sample_data = forms.BooleanField(required=False)
    terms = forms.BooleanField()
    # Invisible to people; programs fill every field they find.
    website = forms.CharField(required=False, max_length=200)
    mark = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, site_language: str, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = public_offers(currency, site_language)
        usual = [("", _("As usual in the country"))]
        listed = countries.countries(site_language)
        names = dict(listed)
        frequent = [(code, names[code]) for code in countries.FREQUENT_COUNTRIES]
        self._choices(
            country=[(_("Frequent"), frequent), (_("All"), list(listed))],
            language=[(code, countries.LANGUAGE_NAMES[code]) for code in countries.WORKSPACE_LANGUAGES],
            currency=[*usual, *countries.currencies(site_language)],
            time_zone=[*usual, *((zone, zone.replace("_", " ")) for zone in countries.time_zones())],
            plan=[(offer.code, offer.name) for offer in self.offers],
        )
        self.fields["terms"].error_messages["required"] = _("Please accept the terms to go on.")

    def _choices(self, **choices: list[Any]) -> None:
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Without control characters: the name goes into mail headers."""
        return one_line(self.cleaned_data["name"])

    def clean_company(self) -> str:
        """See `clean_name`."""
        return one_line(self.cleaned_data["company"])

    def clean_slug(self) -> str:
        """The free, allowed workspace name; missing only where there is no company to derive it from."""
        name = self.cleaned_data["slug"]
        if name:
            return check_workspace_name(name)
        if self.cleaned_data.get("company"):
            raise ValidationError(NAME_MESSAGES["tenant.name_invalid"], code="tenant.name_invalid")
        return ""

    def wish(self) -> Wish:
        """The valid form; what was left to the country is filled in."""
        data = self.cleaned_data
        usual = countries.usual(data["country"])
        return Wish(
            name=data["name"],
            email=data["email"],
            company=data["company"],
            slug=data["slug"],
            country=data["country"],
            language=data["language"],
            currency=data["currency"] or usual.currency,
            time_zone=data["time_zone"] or usual.time_zone,
            plan_code=data["plan"],
            wants_sample_data=data["sample_data"],
        )


def one_line(value: str) -> str:
    """`value` without control characters and repeated blanks. Raises ValidationError when nothing is left."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not text:
        raise ValidationError(_("This field is required."), code="required")
    return text


class PasswordForm(Accessible):
    """A new password under the house rules; `similar` are words it must not resemble."""

    password = forms.CharField(
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 10}),
    )

    def __init__(self, *args: Any, similar: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._similar = similar

    def clean_password(self) -> str:
        """The password as typed."""
        password = self.cleaned_data["password"]
        password_validation.validate_password(password, user=self._similar)
        return password


class ConfirmForm(PasswordForm):
    """The confirmation page: a password and, when the wished name is gone, another name."""

    slug = forms.CharField(
        required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class FindForm(Accessible):
    """An address to send the list of workspaces to."""

    email = EmailField()
    website = forms.CharField(required=False, max_length=200)


class JoinForm(PasswordForm):
    """An invited colleague's name and own password."""

    name = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def clean_name(self) -> str:
        """See `SignUpForm.clean_name`."""
        return one_line(self.cleaned_data["name"])
