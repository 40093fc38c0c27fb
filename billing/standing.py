"""The one function that says in which state a tenant is: facts and clock in, standing out (ASP-20, SAAS.md §3.3).

Pure: it reads no database and no clock. `billing.services.lifecycle` collects the facts, asks here, and is the only
writer of what comes out. All offsets are of PRODUCT_SPEC §6.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

READ_ONLY_AFTER_TRIAL = timedelta(days=15)
DELETED_AFTER_TRIAL = timedelta(days=60)
SUSPENDED_AFTER_FAILURE = timedelta(days=14)
CANCELED_AFTER_FAILURE = timedelta(days=74)
EXPORT_AFTER_CANCEL = timedelta(days=30)
#: Nothing is deleted by the clock sooner after its owner was told.
DELETION_NOTICE = timedelta(days=7)
RETRY_DAYS = (1, 3, 5, 7)

TRIALING, EXPIRED, ACTIVE, PAST_DUE = "trialing", "expired", "active", "past_due"
SUSPENDED, CANCELED, DELETED = "suspended", "canceled", "deleted"

#: What people may do: everything; read and export (expired); the same for administrators only (suspended);
#: nothing but the export download (canceled); nothing at all (abuse, deleted).
FULL, READ_ONLY, ADMINS_ONLY, EXPORT_ONLY, CLOSED = (
    "full",
    "read_only",
    "suspended",
    "export_only",
    "closed",
)


#: Since when an operator holds a workspace, and until when; None: nobody has let it go on yet.
Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Facts:
    """What is known of a tenant. A moment in the future counts from then on."""

    trial_ends_at: datetime | None = None
    #: A subscription exists that has not ended.
    subscribed: bool = False
    #: First failed payment, or due date passed, of the oldest invoice that is still open.
    unpaid_since: datetime | None = None
    #: Since when a payment is disputed at the customer's bank and not settled otherwise.
    disputed_since: datetime | None = None
    #: When the last subscription ended (canceled to the end of a period, or given up).
    ended_at: datetime | None = None
    #: Nothing to pay until then, by an operator.
    free_until: datetime | None = None
    #: Whatever is unpaid, nobody is shut out before that, by an operator.
    grace_until: datetime | None = None
    #: Closed for abuse from then on.
    closed_at: datetime | None = None
    #: When the last closure for abuse was taken back, or a deletion called off.
    reopened_at: datetime | None = None
    #: Before that the clock deletes nothing: the owner has not been told, or not for long enough (`DELETION_NOTICE`).
    not_deleted_before: datetime | None = None
    #: When an operator held the workspace, whatever was paid: meanwhile the way to deletion stands still.
    holds: tuple[Span, ...] = ()
    #: The workspace has been destroyed, or an operator ordered it.
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """A state, what it lets people do, since when, and what comes next when nothing happens."""

    state: str
    access: str
    since: datetime | None = None
    next_state: str | None = None
    next_at: datetime | None = None


def standing_at(facts: Facts, now: datetime) -> Standing:
    """The standing of a tenant with `facts` at the moment `now`.

    Order of precedence: destroyed, abuse, free period, subscription, trial. A tenant with neither trial nor
    subscription is free of charge (demo, the provider's own). A suspension by decision of an operator lies over
    what comes out here: `Tenant.acting_state`.

    What leads to deletion counts from the end of a free period and from a reopening: while either lasts nobody is
    warned and nobody could do anything about it. While an operator holds the workspace the way stands still, and goes
    on with what was left of it, a week at least.
    """
    if _begun(facts.deleted_at, now):
        return Standing(DELETED, CLOSED, facts.deleted_at)
    if _begun(facts.closed_at, now):
        return Standing(SUSPENDED, CLOSED, facts.closed_at)
    if facts.free_until is not None and now < facts.free_until:
        return Standing(ACTIVE, FULL)
    if facts.subscribed:
        return _subscribed(facts, now)
    if facts.ended_at is not None:
        return _ended(_counted(facts.ended_at, facts), facts, now)
    if facts.trial_ends_at is not None:
        return _trial(_counted(facts.trial_ends_at, facts), facts, now)
    return Standing(ACTIVE, FULL)


def _begun(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _counted(moment: datetime, facts: Facts) -> datetime:
    """From when the way to deletion counts: `moment`, or the end of what made it not count."""
    excused = (facts.free_until, facts.reopened_at)
    return max([moment, *(end for end in excused if end is not None)])


def _deletion(start: datetime, length: timedelta, facts: Facts) -> datetime | None:
    """When a way to deletion is over that began at `start`; None while nobody can say: the workspace is held."""
    end, earliest = start + length, facts.not_deleted_before or start
    for held_from, let_go in sorted(facts.holds, key=lambda hold: hold[0]):
        if let_go is not None and let_go <= max(held_from, start):
            continue  # it was over before
        if held_from >= max(end, earliest):
            break
        if let_go is None:
            return None
        end += let_go - max(held_from, start)
        earliest = max(earliest, let_go + DELETION_NOTICE)
    return max(end, earliest)


def suspended_from(unpaid_since: datetime, grace_until: datetime | None) -> datetime:
    """When people are shut out for what is unpaid; an operator may have given more time."""
    return max(unpaid_since + SUSPENDED_AFTER_FAILURE, grace_until or unpaid_since)


def _subscribed(facts: Facts, now: datetime) -> Standing:
    unpaid_since, disputed_since = facts.unpaid_since, facts.disputed_since
    if unpaid_since is None or now < unpaid_since:
        if _begun(disputed_since, now):  # an operator decides what follows, no clock does (SAAS.md §3.3)
            return Standing(PAST_DUE, FULL, disputed_since)
        return Standing(ACTIVE, FULL)
    suspended = suspended_from(unpaid_since, facts.grace_until)
    if now < suspended:
        return Standing(PAST_DUE, FULL, unpaid_since, SUSPENDED, suspended)
    canceled = suspended + CANCELED_AFTER_FAILURE - SUSPENDED_AFTER_FAILURE
    if now < canceled:
        return Standing(SUSPENDED, ADMINS_ONLY, suspended, CANCELED, canceled)
    return _ended(_counted(canceled, facts), facts, now)


def _ended(ended_at: datetime, facts: Facts, now: datetime) -> Standing:
    if now < ended_at:
        return Standing(ACTIVE, FULL, None, CANCELED, ended_at)
    deleted = _deletion(ended_at, EXPORT_AFTER_CANCEL, facts)
    if deleted is None:
        return Standing(CANCELED, EXPORT_ONLY, ended_at)
    if now < deleted:
        return Standing(CANCELED, EXPORT_ONLY, ended_at, DELETED, deleted)
    return Standing(DELETED, CLOSED, deleted)


def _trial(ends_at: datetime, facts: Facts, now: datetime) -> Standing:
    if now < ends_at:
        return Standing(TRIALING, FULL, None, EXPIRED, ends_at)
    suspended = ends_at + READ_ONLY_AFTER_TRIAL
    deleted = _deletion(ends_at, DELETED_AFTER_TRIAL, facts)
    if now < suspended:
        return Standing(EXPIRED, READ_ONLY, ends_at, EXPIRED, suspended)
    if deleted is None:
        return Standing(EXPIRED, ADMINS_ONLY, suspended)
    if now < deleted:
        return Standing(EXPIRED, ADMINS_ONLY, suspended, DELETED, deleted)
    return Standing(DELETED, CLOSED, deleted)
