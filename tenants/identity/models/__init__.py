"""Login identity of one schema: workspace users in a workspace, operators in public."""

from tenants.identity.models.identity_provider import FederatedLogin, IdentityProvider
from tenants.identity.models.invitation import Invitation
from tenants.identity.models.mail import IdentityMail
from tenants.identity.models.oauth import OAuthApplication, OAuthGrant, OAuthToken
from tenants.identity.models.second_factor import SecondFactor
from tenants.identity.models.session import Session
from tenants.identity.models.throttle import LoginThrottle
from tenants.identity.models.token import ApiToken, OneTimeToken
from tenants.identity.models.user import User

__all__ = [
    "ApiToken",
    "FederatedLogin",
    "IdentityMail",
    "IdentityProvider",
    "Invitation",
    "LoginThrottle",
    "OAuthApplication",
    "OAuthGrant",
    "OAuthToken",
    "OneTimeToken",
    "SecondFactor",
    "Session",
    "User",
]
