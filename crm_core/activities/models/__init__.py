from crm_core.activities.models.appointment import Appointment
from crm_core.activities.models.base import ActivityRecord, WithRegarding
from crm_core.activities.models.email import Email
from crm_core.activities.models.fax import Fax
from crm_core.activities.models.letter import Letter
from crm_core.activities.models.note import Note
from crm_core.activities.models.phone_call import PhoneCall
from crm_core.activities.models.task import Task
from crm_core.activities.models.visit import Visit

__all__ = [
    "ActivityRecord",
    "Appointment",
    "Email",
    "Fax",
    "Letter",
    "Note",
    "PhoneCall",
    "Task",
    "Visit",
    "WithRegarding",
]
