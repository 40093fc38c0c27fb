"""What happens before and around a workspace, in schema public only."""

from onboarding.models.legal import LegalAcceptance, SubProcessor
from onboarding.models.mail import OutgoingMail
from onboarding.models.membership import Membership
from onboarding.models.rate import VisitorRate
from onboarding.models.reminder import TrialReminder
from onboarding.models.signup import SignUp

__all__ = [
    "LegalAcceptance",
    "Membership",
    "OutgoingMail",
    "SignUp",
    "SubProcessor",
    "TrialReminder",
    "VisitorRate",
]
