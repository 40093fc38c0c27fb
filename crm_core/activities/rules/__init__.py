"""Business rules of activities and notes."""

from crm_core.activities.rules.contact_dates import contact_dates_follow
from crm_core.activities.rules.notes import note_has_content, note_is_ones_own, note_title_from_body
from crm_core.activities.rules.regarding import regarding_allows
from crm_core.activities.rules.times import (
    appointment_state_from_show_as,
    end_not_before_start,
    planned_duration_from_times,
)
from crm_core.activities.rules.warnings import warn_do_not_fax, warn_do_not_phone, warn_do_not_post

__all__ = [
    "appointment_state_from_show_as",
    "contact_dates_follow",
    "end_not_before_start",
    "note_has_content",
    "note_is_ones_own",
    "note_title_from_body",
    "planned_duration_from_times",
    "regarding_allows",
    "warn_do_not_fax",
    "warn_do_not_phone",
    "warn_do_not_post",
]
