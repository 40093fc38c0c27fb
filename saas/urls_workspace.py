"""Routes of a workspace's host: API, log-in, and the single-page application for everything else."""

from django.urls import re_path

from saas.application import single_page
from saas.routes import delivered

urlpatterns = [
    *delivered("", "onboarding.urls_workspace"),  # before the API, whose object routes take any name
    *delivered("api/v1/", "crm_core.api.urls"),
    *delivered("", "tenants.identity.urls"),
    *delivered("", "tenants.identity.oauth.urls"),
    *delivered("billing/", "billing.urls_workspace"),
    re_path(r"", single_page),
]

handler400 = "saas.errors.bad_request"
handler403 = "saas.errors.permission_denied"
handler404 = "saas.errors.not_found"
handler500 = "saas.errors.server_error"
