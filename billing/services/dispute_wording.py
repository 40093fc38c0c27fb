"""The words of the mails about disputed payments, to the customer and to operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

#: Subject, paragraphs, label of the button.
Words = tuple[str, list[str], str]


def _dispute_opened(_v: dict[str, Any]) -> Words:
    return (
        _("A payment of %(workspace)s is disputed at your bank"),
        [
            _("On %(opened_at)s the payment of %(amount)s for invoice %(number)s was disputed at your bank."),
            _(
                "Everybody can go on working. Until the bank has decided, the payment is neither yours nor ours."
            ),
            _(
                "If that is a mistake, ask your bank to withdraw the dispute. If something is wrong with the invoice, answer this mail and we put it right."
            ),
        ],
        _("Open plan and billing"),
    )


def _dispute_lost(_v: dict[str, Any]) -> Words:
    return (
        _("Your bank took a payment of %(workspace)s back"),
        [
            _(
                "On %(closed_at)s your bank took back %(amount)s for invoice %(number)s. That amount is open again."
            ),
            _("Everybody can go on working for now. What follows is decided by a person, not by a clock."),
            _(
                "Please transfer %(amount)s and state the invoice number %(number)s, or answer this mail if the invoice is wrong."
            ),
        ],
        _("Open plan and billing"),
    )


def _dispute_settled(_v: dict[str, Any]) -> Words:
    return (
        _("The disputed payment of %(workspace)s is settled"),
        [_("Nothing is open from it any more, and there is nothing else to do.")],
        _("Open plan and billing"),
    )


def _dispute_opened_operator(v: dict[str, Any]) -> Words:
    return (
        _("Dispute: %(workspace)s, %(amount)s"),
        [
            _(
                "%(workspace)s disputes the payment of %(amount)s for invoice %(number)s since %(opened_at)s. The bank gives as reason: %(bank_reason)s."
            ),
            _("The bank takes an answer until %(answer_by)s.") if v.get("answer_by") else "",
            _(
                "The workspace stays in use as past due until this is settled. Answer the bank at the payment provider, credit the invoice, or suspend the workspace."
            ),
        ],
        _("Show invoice"),
    )


def _dispute_lost_operator(_v: dict[str, Any]) -> Words:
    return (
        _("Dispute lost: %(workspace)s, %(amount)s"),
        [
            _("The bank took back %(amount)s for invoice %(number)s of %(workspace)s. It is owed again."),
            _(
                "Nothing happens by itself: book a transfer when the customer pays, credit the invoice, or suspend the workspace."
            ),
        ],
        _("Show invoice"),
    )


def _dispute_won_operator(_v: dict[str, Any]) -> Words:
    return (
        _("Dispute won: %(workspace)s, %(amount)s"),
        [
            _(
                "The payment of %(amount)s for invoice %(number)s of %(workspace)s stays with you. Nothing else to do."
            )
        ],
        _("Show invoice"),
    )


NOTICES: dict[str, Callable[[dict[str, Any]], Words]] = {
    "dispute_opened": _dispute_opened,
    "dispute_lost": _dispute_lost,
    "dispute_settled": _dispute_settled,
    "dispute_opened_operator": _dispute_opened_operator,
    "dispute_lost_operator": _dispute_lost_operator,
    "dispute_won_operator": _dispute_won_operator,
}
