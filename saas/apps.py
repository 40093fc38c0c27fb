"""The composition root as a Django app: templates of the error pages and start-up checks."""

from django.apps import AppConfig


class SaasConfig(AppConfig):
    name = "saas"
    label = "saas"
    verbose_name = "Composition root"
