"""Routes of the operators' host `ops.<base domain>`: log-in, console, local mailbox."""

from saas.routes import delivered

urlpatterns = [
    *delivered("", "tenants.identity.urls"),
    *delivered("", "onboarding.urls_operator"),
    *delivered("webhooks/", "saas.console.inbox"),
    *delivered("invoices/", "saas.console.invoices"),
    *delivered("coupons/", "saas.console.coupons"),
    *delivered("plans/", "saas.console.plans"),
    *delivered("", "tenants.operator.urls"),
]

handler400 = "saas.errors.bad_request"
handler403 = "saas.errors.permission_denied"
handler404 = "saas.errors.not_found"
handler500 = "saas.errors.server_error"
