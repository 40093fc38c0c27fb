"""Which mail addresses may sign up, and who counts as one person (ASP-10.3)."""

from __future__ import annotations

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email

from tenants.identity.addresses import normalize_email

LONGEST_EMAIL = 254


class EmailRefused(ValueError):
    """The address cannot be used; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def usable_email(value: str) -> str:
    """The address as it is stored. No network is asked: a slow resolver must not block a visitor.

    Raises EmailRefused with code `email.invalid` or `email.disposable`.
    """
    address = normalize_email(value)
    try:
        parsed = validate_email(
            address, check_deliverability=False, test_environment=_is_test_domain(address)
        )
    except EmailNotValidError as error:
        raise EmailRefused("email.invalid") from error
    if len(parsed.normalized) > LONGEST_EMAIL:
        raise EmailRefused("email.invalid")
    if is_disposable(parsed.ascii_domain):
        raise EmailRefused("email.disposable")
    return parsed.normalized.lower()


def _is_test_domain(address: str) -> bool:
    # ".test" is reserved and can never receive mail from outside; installations without mail use it.
    return address.endswith(".test")


def is_disposable(domain: str) -> bool:
    """Whether `domain` or a parent of it gives throw-away mailboxes."""
    labels = domain.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def person_key(email: str) -> str:
    """The same for all spellings that end in one mailbox: without plus part, for Gmail without dots."""
    local, _at, domain = email.rpartition("@")
    local = local.partition("+")[0]
    if domain in {"gmail.com", "googlemail.com"}:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
