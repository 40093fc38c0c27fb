"""The page of legal texts and sub-processors on the operators' host."""

from django.urls import path

from onboarding.views import legal_console

app_name = "legal"
urlpatterns = [
    path("", legal_console.legal_page, name="legal"),
    path("sub-processors/<uuid:pk>/end/", legal_console.end, name="end"),
]
