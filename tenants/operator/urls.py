"""Pages of the operators' console, on host ``ops.``."""

from django.urls import path

from tenants.operator import views

app_name = "operator"
urlpatterns = [
    path("", views.tenant_list, name="tenants"),
    path("tenants/<uuid:pk>/", views.tenant_page, name="tenant"),
    path("platform/", views.platform, name="platform"),
]
