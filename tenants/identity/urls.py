"""Log-in pages; included on workspace hosts and on the operators' host."""

from django.urls import path

from tenants.identity import mail_choice, support_session, views
from tenants.identity.second_factor import pages
from tenants.identity.sso import pages as sso

app_name = "identity"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/code/", pages.code, name="code"),
    path("login/set-up/", pages.set_up, name="set_up"),
    path("login/sso/", sso.begin, name="sso"),
    path("login/sso/callback/", sso.callback, name="sso_callback"),
    path("logout/", views.logout, name="logout"),
    path("password/forgot/", views.forgot, name="forgot"),
    path("password/sent/", views.forgot_sent, name="forgot_sent"),
    path("password/reset/<str:secret>/", views.reset, name="reset"),
    path("support/enter/<str:token>/", support_session.enter, name="support_enter"),
    path("support/leave/", support_session.leave, name="support_leave"),
    path("mail-choice/<str:token>/", mail_choice.choose, name="mail_choice"),
    path("enter/<str:secret>/", views.enter, name="enter"),
]
