"""From the submitted form to the mail in the visitor's inbox (ASP-10.1, ASP-10.3).

Nothing here tells the page whether an address is known: the page is always the same, only the mail differs.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from onboarding.legal import DOCUMENTS
from onboarding.models import LegalAcceptance, Membership, SignUp
from onboarding.services import mail, rates
from onboarding.services.email_rules import person_key
from tenants.addresses import public_url, workspace_url
from tenants.models import Tenant

TOKEN_LIFETIME = timedelta(hours=24)
TRIALS_PER_PERSON = 3
TRIAL_WINDOW = timedelta(days=30)
KEEP_UNCONFIRMED = timedelta(days=30)
RESEND_AFTER = timedelta(seconds=60)
MOST_MAILS_PER_SIGN_UP = 4


@dataclass(frozen=True)
class Wish:
    """A valid form: every field checked and normalised (`onboarding.forms.SignUpForm`)."""

    name: str
    email: str
    company: str
    slug: str
    country: str
    language: str
    currency: str
    time_zone: str
    plan_code: str
    wants_sample_data: bool


def token_hash(token: str) -> str:
    """What is stored instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def submit(wish: Wish, *, submission_key: str, ip: str, now: datetime | None = None) -> None:
    """Store the sign-up with the accepted legal versions and send the mail that fits the address.

    The same `submission_key` twice, also at once, is one sign-up and one mail. A person with three trials
    in 30 days gets a mail that says so and no sign-up.
    """
    now = now or timezone.now()
    person = person_key(wish.email)
    if _recent_trials(person, now) >= TRIALS_PER_PERSON:
        if rates.allow(rates.MAILS_PER_ADDRESS, wish.email, now):
            context = {
                "most": TRIALS_PER_PERSON,
                "workspaces": workspaces_of(wish.email),
                "days": TRIAL_WINDOW.days,
            }
            mail.queue("trial_limit", wish.email, wish.language, context | {"name": wish.name})
        return
    try:
        with transaction.atomic():
            signup = _store(wish, submission_key, ip, now)
    except IntegrityError:
        if SignUp.objects.filter(submission_key=submission_key).exists():
            return  # the other click was faster
        raise
    send_confirmation(signup, now)


def _store(wish: Wish, submission_key: str, ip: str, now: datetime) -> SignUp:
    signup = SignUp.objects.create(
        submission_key=submission_key,
        name=wish.name,
        email=wish.email,
        person_key=person_key(wish.email),
        company=wish.company,
        slug=wish.slug,
        country=wish.country,
        language=wish.language,
        currency=wish.currency,
        time_zone=wish.time_zone,
        plan_code=wish.plan_code,
        wants_sample_data=wish.wants_sample_data,
        ip=ip,
        token_hash=token_hash(secrets.token_urlsafe(32)),
        token_expires_at=now + TOKEN_LIFETIME,
    )
    LegalAcceptance.objects.bulk_create(
        LegalAcceptance(
            signup=signup,
            document=document.code,
            version=document.current,
            language=wish.language,
            email=wish.email,
            ip=ip,
            accepted_at=now,
        )
        for document in DOCUMENTS.values()
    )
    return signup


def _recent_trials(person: str, now: datetime) -> int:
    since = now - TRIAL_WINDOW
    return SignUp.objects.filter(
        person_key=person, state=SignUp.State.CONFIRMED, confirmed_at__gte=since
    ).count()


def has_too_many_trials(signup: SignUp, now: datetime) -> bool:
    """Whether the person has confirmed as many others within 30 days as one may.

    Asked when the form is sent, where the answer goes by mail, and again when a link is used: links of several forms
    that wait at once must not open more.
    """
    others = SignUp.objects.filter(person_key=signup.person_key).exclude(pk=signup.pk)
    confirmed = others.filter(state=SignUp.State.CONFIRMED, confirmed_at__gte=now - TRIAL_WINDOW)
    return confirmed.count() >= TRIALS_PER_PERSON


def send_confirmation(signup: SignUp, now: datetime | None = None) -> bool:
    """Mail a fresh token; earlier links stop working. Returns whether a mail was queued.

    No mail when this address got too many of late, or this sign-up one a moment ago.
    """
    now = now or timezone.now()
    if signup.state != SignUp.State.PENDING or signup.mails_sent >= MOST_MAILS_PER_SIGN_UP:
        return False
    if signup.last_mail_at is not None and now - signup.last_mail_at < RESEND_AFTER:
        return False
    if not rates.allow(rates.MAILS_PER_ADDRESS, signup.email, now):
        return False
    token = secrets.token_urlsafe(32)
    signup.token_hash, signup.token_expires_at = token_hash(token), now + TOKEN_LIFETIME
    signup.mails_sent += 1
    signup.last_mail_at = now
    signup.save(update_fields=["token_hash", "token_expires_at", "mails_sent", "last_mail_at"])
    known = workspaces_of(signup.email)
    context = {
        "name": signup.name,
        "company": signup.company,
        "link": public_url(f"/confirm/{token}/"),
        "hours": TOKEN_LIFETIME // timedelta(hours=1),
        "workspaces": known,
    }
    mail.queue("confirm_known" if known else "confirm", signup.email, signup.language, context)
    return True


def resend(submission_key: str, now: datetime | None = None) -> None:
    """The "send again" button. Silent for unknown keys, so that it tells nothing about an address."""
    with transaction.atomic():
        signup = SignUp.objects.select_for_update().filter(submission_key=submission_key).first()
        if signup is not None:
            send_confirmation(signup, now)


def find(token: str) -> SignUp | None:
    """The sign-up a confirmation link belongs to, in whatever state, or None."""
    return SignUp.objects.select_related("provisioning").filter(token_hash=token_hash(token)).first()


def is_expired(signup: SignUp, now: datetime | None = None) -> bool:
    """Whether the link is too old to confirm with."""
    return signup.state == SignUp.State.PENDING and signup.token_expires_at <= (now or timezone.now())


def workspaces_of(email: str) -> list[dict[str, Any]]:
    """Name and address of every reachable workspace in which `email` has a user."""
    rows = Membership.objects.filter(email=email).select_related("tenant").order_by("created_at")
    tenants = [row.tenant for row in rows if row.tenant.is_reachable]
    return [{"name": tenant.name, "url": workspace_url(tenant)} for tenant in tenants]


def remember_member(email: str, tenant: Tenant) -> None:
    """Note that `email` has a user in `tenant`, for "Find my workspace". Safe to repeat."""
    Membership.objects.bulk_create([Membership(email=email, tenant_id=tenant.pk)], ignore_conflicts=True)


def forget_member(email: str, tenant_id: UUID) -> None:
    """The opposite of `remember_member`."""
    Membership.objects.filter(email=email, tenant_id=tenant_id).delete()


def purge_unconfirmed(now: datetime | None = None) -> int:
    """Delete sign-ups nobody confirmed within 30 days, with their acceptances. Returns how many."""
    old = SignUp.objects.filter(
        state=SignUp.State.PENDING, created_at__lt=(now or timezone.now()) - KEEP_UNCONFIRMED
    )
    ids = list(old.values_list("pk", flat=True)[:500])
    with transaction.atomic():
        LegalAcceptance.objects.filter(signup_id__in=ids).delete()
        SignUp.objects.filter(pk__in=ids).delete()
    return len(ids)
