"""The activity types and note as data sheets."""

from crm_core.activities import option_lists  # noqa: F401  (the lists must be there before the objects that use them)
from crm_core.activities.entities import appointment, email, fax, letter, note, phone_call, task, visit  # noqa: F401
