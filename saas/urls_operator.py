"""Routes of the operators' host: log-in, console, and the local mailbox where there is no mail server."""

from saas.routes import delivered

urlpatterns = [
    *delivered("", "tenants.identity.urls"),
    *delivered("", "tenants.operator.urls"),
    *delivered("mailbox/", "onboarding.mailbox.urls"),
]

handler400 = "saas.errors.bad_request"
handler403 = "saas.errors.permission_denied"
handler404 = "saas.errors.not_found"
handler500 = "saas.errors.server_error"
