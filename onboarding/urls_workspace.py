"""What this package adds to a workspace's host; included before the API's general object routes."""

from django.urls import path

from onboarding.views import api, contract, export, joining, withheld

app_name = "onboarding_workspace"
urlpatterns = [
    path("billing/export/", export.export, name="export"),
    path("billing/contract/", contract.contract, name="contract"),
    path("billing/contract/<slug:code>.pdf", contract.document, name="contract_document"),
    path("join/<str:token>/", joining.join, name="join"),
    path("api/v1/invitations", api.InvitationList.as_view()),
    path("api/v1/invitations/quote", api.InvitationQuote.as_view()),
    path("api/v1/invitations/actions/buy_seats", api.InvitationSeats.as_view()),
    path("api/v1/invitations/<str:invitation_id>/actions/<str:action>", api.InvitationAction.as_view()),
    path("api/v1/withheld-mails", withheld.WithheldMails.as_view()),
    path("api/v1/legal", api.LegalTexts.as_view()),
    path("api/v1/legal/actions/accept", api.LegalAcceptances.as_view()),
    path("api/v1/onboarding", api.Checklist.as_view()),
    path("api/v1/onboarding/actions/<str:action>", api.ChecklistAction.as_view()),
]
