"""Routes of the provider's own hosts: public site, sign-up, billing webhooks, operator console."""

from saas.routes import delivered

urlpatterns = [
    *delivered("", "tenants.identity.urls"),
    *delivered("operator/", "tenants.urls"),
    *delivered("billing/", "billing.urls"),
    *delivered("", "onboarding.urls"),
]

handler400 = "saas.errors.bad_request"
handler403 = "saas.errors.permission_denied"
handler404 = "saas.errors.not_found"
handler500 = "saas.errors.server_error"
