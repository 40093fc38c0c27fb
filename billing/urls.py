"""Routes below /billing/ of the provider's own host: webhooks, and the built-in provider's pages."""

from django.urls import path

from billing.views import webhooks

app_name = "billing"
urlpatterns = [
    path("webhooks/<slug:provider>/", webhooks.receive, name="webhook"),
]
