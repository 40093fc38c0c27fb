"""Routes of the public site."""

from django.urls import path

from onboarding.views import confirmation, finder, signup, site, status

app_name = "onboarding"
urlpatterns = [
    path("", site.home, name="home"),
    path("pricing/", site.pricing, name="pricing"),
    path("legal/subprocessors/", site.sub_processors, name="sub_processors"),
    path("legal/<slug:document>/", site.legal, name="legal"),
    path("legal/<slug:document>/<str:version>/", site.legal, name="legal_version"),
    path("language/", site.language, name="language"),
    path("signup/", signup.sign_up, name="signup"),
    path("signup/sent/", signup.sent, name="sent"),
    path("signup/name/", signup.name_check, name="name_check"),
    path("signup/country/", signup.country, name="country"),
    path("confirm/<str:token>/", confirmation.confirm, name="confirm"),
    path("setup/<uuid:signup_id>/", confirmation.setup, name="setup"),
    path("setup/<uuid:signup_id>/status/", confirmation.setup_status, name="setup_status"),
    path("status/", status.status, name="status"),
    path("find/", finder.find, name="find"),
]
