"""Routes of the local mailbox, on the operators' host."""

from django.urls import path

from onboarding.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:name>/", views.show, name="show"),
    path("<str:name>/body/", views.body, name="body"),
]
