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


#: Domains of one provider that end in the same mailbox, by the one that stands for all.
_SAME = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "ya.ru": "yandex.com",
    "yandex.ru": "yandex.com",
}
#: Signs a provider does not look at in the part before the @.
_IGNORED = {"gmail.com": ".", "proton.me": ".-_"}
_YANDEX = "yandex.com"
#: Where very many people have their mailbox: no sign of one person at work.
FREE_MAIL = frozenset(
    {
        "gmail.com",
        "icloud.com",
        "proton.me",
        "yandex.com",
        "outlook.com",
        "outlook.de",
        "hotmail.com",
        "hotmail.de",
        "live.com",
        "live.de",
        "msn.com",
        "yahoo.com",
        "yahoo.de",
        "yahoo.co.uk",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "web.de",
        "freenet.de",
        "t-online.de",
        "mail.ru",
        "bk.ru",
        "list.ru",
        "inbox.ru",
        "rambler.ru",
        "abv.bg",
        "mail.bg",
        "telia.com",
        "spray.se",
        "posteo.de",
        "mailbox.org",
        "fastmail.com",
        "zoho.com",
        "hey.com",
        "bluewin.ch",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "wp.pl",
        "o2.pl",
        "seznam.cz",
    }
)


def person_key(email: str) -> str:
    """The same for all spellings that end in one mailbox: without plus part, without the signs its provider ignores,
    under one of the provider's domains."""
    local, _at, domain = email.lower().rpartition("@")
    local, domain = local.partition("+")[0], _SAME.get(domain, domain)
    for sign in _IGNORED.get(domain, ""):
        local = local.replace(sign, "")
    if domain == _YANDEX:
        local = local.replace("-", ".")
    return f"{local}@{domain}"


def mail_domain(email: str) -> str:
    """The provider's domain of an address, one for all it has."""
    return person_key(email).rpartition("@")[2]
