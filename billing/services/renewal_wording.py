"""The words of the mails about what a renewal keeps because it is in use, whatever was planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

#: Subject, paragraphs, label of the button.
Words = tuple[str, list[str], str]


def _seats_kept(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s keeps %(seats)s users"),
        [
            _(
                "Fewer users were planned from %(next_at)s on, but %(seats)s are active. Nobody is shut out: %(seats)s are renewed."
            ),
            _("To pay for fewer, deactivate users and reduce their number again before that day."),
        ],
        _("Open plan and billing"),
    )


def _addons_kept(_v: dict[str, Any]) -> Words:
    return (
        _("%(workspace)s keeps add-ons that are in use"),
        [
            _("Less was planned from %(next_at)s on, but it is in use. Renewed instead: %(addons)s."),
            _("To pay for less, reduce what is used and change the add-ons again before that day."),
        ],
        _("Open plan and billing"),
    )


NOTICES: dict[str, Callable[[dict[str, Any]], Words]] = {
    "seats_kept": _seats_kept,
    "addons_kept": _addons_kept,
}
