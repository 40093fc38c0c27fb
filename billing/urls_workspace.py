"""Routes below /billing/ of a workspace's host: "Plan and billing"."""

from django.urls import path

from billing.views import account, beyond, buying, changing, documents, overview

app_name = "billing_workspace"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("choose/", buying.choose, name="choose"),
    path("welcome/", buying.welcome, name="welcome"),
    path("portal/", buying.portal, name="portal"),
    path("refresh/", buying.refresh, name="refresh"),
    path("change/", changing.change, name="change"),
    path("change/newer/", changing.newer, name="newer"),
    path("change/take-back/", changing.take_back, name="take_back"),
    path("addons/", changing.change_addons, name="addons"),
    path("usage/", beyond.usage, name="usage"),
    path("statement/", account.statement, name="statement"),
    path("statement.csv", account.statement_csv, name="statement_csv"),
    path("cancel/", changing.cancel, name="cancel"),
    path("resume/", changing.resume, name="resume"),
    path("details/", changing.details, name="details"),
    path("invoices/<uuid:invoice_id>/pay/", changing.pay, name="pay"),
    path("invoices/<uuid:invoice_id>.pdf", documents.invoice, name="invoice"),
    path("credits/<uuid:note_id>.pdf", documents.credit_note, name="credit_note"),
]
