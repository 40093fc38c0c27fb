"""The words of the mails about money and state, and how amounts and days are printed in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from billing.services import dispute_wording, renewal_wording
from billing.services.dispute_wording import Words

#: State and access after a change → the notice about it.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("expired", "read_only"): "trial_over",
    ("expired", "suspended"): "trial_suspended",
    ("suspended", "suspended"): "suspended",
    ("suspended", "closed"): "closed",
    ("canceled", "export_only"): "canceled",
    ("deleted", "closed"): "deleted",
    ("active", "full"): "active_again",
    ("trialing", "full"): "trial_extended",
}


def locale() -> str:
    """Babel's name of the active language."""
    return (get_language() or "en").replace("-", "_")


def money(minor: int, currency: str) -> str:
    """An amount in minor units as people of the active language write it."""
    return format_currency(Decimal(minor) / 100, currency, locale=locale())


def day(moment: datetime | None) -> str:
    """A day, long; an empty text for none."""
    return format_date(moment, "long", locale=locale()) if moment else ""


def notice(kind: str, values: dict[str, Any]) -> tuple[str, list[str], str]:
    """Subject, paragraphs and the label of the button of a notice. Raises KeyError for an unknown kind."""
    shown = {name: day(value) if isinstance(value, datetime) else value for name, value in values.items()}
    shown |= {name: money(*value) for name, value in values.items() if isinstance(value, tuple)}
    subject, paragraphs, label = _NOTICES[kind](shown)
    return subject % shown, [text % shown for text in paragraphs if text], label


def _trial_over(_v: dict[str, Any]) -> Words:
    return (
        _("The trial of %(workspace)s is over"),
        [
            _(
                "Your workspace is read-only now: everybody can read and export, nothing can be changed. All data is kept."
            ),
            _("On %(next_at)s only administrators can sign in. Choose a plan to go on working at once."),
        ],
        _("Choose a plan"),
    )


def _held() -> str:
    return _("Nothing is deleted as long as the workspace is suspended by us.")


def _trial_suspended(v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s is suspended"),
        [
            _(
                "The trial ended 15 days ago. Administrators can still sign in, read and export; everybody else is shut out."
            ),
            _(
                "On %(next_at)s the workspace is deleted with all its data. Choose a plan before, and everything is as it was."
            )
            if v.get("next_at")
            else _held(),
        ],
        _("Choose a plan"),
    )


def _trial_extended(_v: dict[str, Any]) -> Words:
    return (
        _("The trial of %(workspace)s goes on"),
        [_("You can work until %(next_at)s.")],
        _("Open plan and billing"),
    )


def _suspended(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s is suspended"),
        [
            _(
                "Administrators can sign in, read and export. Nothing can be changed, and nobody else can sign in."
            ),
            _("Your data is kept. When the open invoice is paid, everybody can go on working at once."),
        ],
        _("Open plan and billing"),
    )


def _closed(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s was closed"),
        [
            _(
                "We closed the workspace because it is used against our terms. Answer this mail if that is a mistake."
            )
        ],
        _("Open plan and billing"),
    )


def _canceled(v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s is canceled"),
        [
            _(
                "Administrators can download the export until %(next_at)s. Then the workspace is deleted with all its data."
            )
            if v.get("next_at")
            else _held(),
            _("Until then you can start again with everything as it was."),
        ],
        _("Export or start again"),
    )


def _deleted(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s is deleted"),
        [_("The workspace and its data are removed. Invoices are kept as long as the law asks for.")],
        _("Open plan and billing"),
    )


def _active_again(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s is active"),
        [_("Everybody can work again, with all data as it was. Thank you.")],
        _("Open plan and billing"),
    )


def _subscribed(_v: dict[str, Any]) -> Words:
    return (
        _("Thank you for choosing a plan for %(workspace)s"),
        [_("Your subscription runs. Seats, invoices and the way you pay are under Plan and billing.")],
        _("Open plan and billing"),
    )


def _paid_again(_v: dict[str, Any]) -> Words:
    return (
        _("Payment received for %(workspace)s"),
        [_("The open invoice is paid. Nothing else to do.")],
        _("Open plan and billing"),
    )


def _invoice_issued(_v: dict[str, Any]) -> Words:
    return (
        _("Invoice %(number)s for %(workspace)s"),
        [
            _("The total is %(total)s and is charged to your payment method."),
            _("The document is under Plan and billing."),
        ],
        _("Show invoice"),
    )


def _invoice_due(_v: dict[str, Any]) -> Words:
    return (
        _("Invoice %(number)s for %(workspace)s"),
        [
            _("Please transfer %(total)s by %(due_at)s and state the invoice number %(number)s."),
            _("The document is under Plan and billing."),
        ],
        _("Show invoice"),
    )


def _payment_failed(v: dict[str, Any]) -> Words:
    return (
        _("Invoice %(number)s of %(workspace)s is not paid"),
        [
            _("We could not collect %(total)s. Everybody can go on working for now."),
            _("We try again on %(attempt_at)s.") if v.get("attempt_at") else "",
            _("If it stays unpaid, the workspace is suspended on %(suspended_at)s."),
        ],
        _("Pay now"),
    )


def _deletion_soon(v: dict[str, Any]) -> Words:
    return (
        ngettext(
            "%(workspace)s is deleted in %(days)s day", "%(workspace)s is deleted in %(days)s days", v["days"]
        ),
        [
            _("On %(next_at)s the workspace is deleted with all its data, and nobody can bring it back."),
            _("Download your export, or choose a plan to keep it."),
        ],
        _("Export or start again"),
    )


def _canceling(_v: dict[str, Any]) -> Words:
    return (
        _("You canceled the subscription of %(workspace)s"),
        [_("Everybody can work until %(next_at)s. You can take the cancellation back until then.")],
        _("Open plan and billing"),
    )


def _usage(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s has used %(percent)s %% of: %(meter)s"),
        [
            _("Reading, deleting and exporting always work. At 100 %% nothing can be added to this meter."),
            _("A larger plan, or more users, raises the limit at once."),
        ],
        _("See usage"),
    )


def _overage(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s uses more than its plan has"),
        [
            _("As agreed, this is charged with the next invoice: %(price)s, %(each)s each."),
            _(
                "It costs %(most)s net at most until the end of the billing period. You can change that at any time."
            ),
        ],
        _("See usage"),
    )


def _tax_id_invalid(_v: dict[str, Any]) -> Words:
    return (
        _("The VAT number of %(workspace)s is not valid"),
        [
            _("The EU's service says that %(tax_id)s is not valid. Invoices carry VAT from the next one on."),
            _("Correct the number under Plan and billing, and it is checked again."),
        ],
        _("Correct billing details"),
    )


_NOTICES: dict[str, Callable[[dict[str, Any]], Words]] = {
    "trial_over": _trial_over,
    "trial_suspended": _trial_suspended,
    "trial_extended": _trial_extended,
    "suspended": _suspended,
    "closed": _closed,
    "canceled": _canceled,
    "deleted": _deleted,
    "active_again": _active_again,
    "subscribed": _subscribed,
    "paid_again": _paid_again,
    "invoice_issued": _invoice_issued,
    "invoice_due": _invoice_due,
    "payment_failed": _payment_failed,
    "deletion_soon": _deletion_soon,
    "canceling": _canceling,
    "usage": _usage,
    "overage": _overage,
    "tax_id_invalid": _tax_id_invalid,
    **dispute_wording.NOTICES,
    **renewal_wording.NOTICES,
}
