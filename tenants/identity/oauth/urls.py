"""Addresses of the OAuth server; on workspace hosts only."""

from django.urls import path

from tenants.identity.oauth import views

app_name = "oauth"
urlpatterns = [
    path("oauth/authorize", views.authorize, name="authorize"),
    path("oauth/token", views.token, name="token"),
    path("oauth/revoke", views.revoke, name="revoke"),
    path(".well-known/oauth-authorization-server", views.metadata, name="metadata"),
]
