"""Pages of the operators' console, on host ``ops.``."""

from django.urls import path

from tenants.operator.views import (
    acts,
    audit,
    create,
    figures,
    operators,
    packages,
    platform,
    sign_in,
    tenants,
)

app_name = "operator"
urlpatterns = [
    path("login/code/", sign_in.code, name="code"),
    path("login/set-up/", sign_in.enrol, name="enrol"),
    path("", tenants.tenant_list, name="tenants"),
    path("create/", create.create, name="create"),
    path("tenants.csv", tenants.tenant_csv, name="tenants_csv"),
    path("tenants/<uuid:pk>/", tenants.tenant_page, name="tenant"),
    path("tenants/<uuid:pk>/acts/<str:name>/", acts.act_page, name="act"),
    path("tenants/<uuid:pk>/enter/", acts.enter, name="enter"),
    path("approvals/", acts.approval_list, name="approvals"),
    path("approvals/<uuid:pk>/<str:decision>/", acts.decide, name="decide"),
    path("operations/", packages.operation_list, name="operations"),
    path("operations/import/", packages.import_package, name="import"),
    path("packages/<uuid:pk>/", packages.download, name="package"),
    path("platform/", platform.platform, name="platform"),
    path("figures/", figures.figures, name="figures"),
    path("audit/", audit.audit_list, name="audit"),
    path("certificates/<uuid:pk>/", audit.certificate, name="certificate"),
    path("operators/", operators.operator_list, name="operators"),
    path("operators/<uuid:pk>/<str:act>/", operators.operator_act, name="operator_act"),
    path("account/", operators.own_account, name="account"),
]
