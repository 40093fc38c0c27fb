"""What this package adds to the operators' host."""

from django.urls import include, path

urlpatterns = [
    path("mailbox/", include("onboarding.mailbox.urls")),
    path("legal/", include("onboarding.urls_legal")),
]
