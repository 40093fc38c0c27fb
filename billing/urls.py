"""Routes below /billing/ of the provider's own host: webhooks, and the built-in provider's pages."""

from django.urls import path

from billing.views import hosted, webhooks

app_name = "billing"
urlpatterns = [
    path("webhooks/<slug:provider>/", webhooks.receive, name="webhook"),
    path("checkout/<slug:checkout_id>/", hosted.pay, name="checkout"),
    path("checkout/<slug:checkout_id>/confirm/", hosted.confirm, name="confirm"),
    path("portal/<slug:visit_id>/", hosted.manage, name="portal"),
]
