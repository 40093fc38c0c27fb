"""Routes of the provider's own host: public site, sign-up, hosted checkout, billing webhooks."""

from saas.routes import delivered

urlpatterns = [
    *delivered("billing/", "billing.urls"),
    *delivered("", "onboarding.urls"),
]

handler400 = "saas.errors.bad_request"
handler403 = "saas.errors.permission_denied"
handler404 = "saas.errors.not_found"
handler500 = "saas.errors.server_error"
