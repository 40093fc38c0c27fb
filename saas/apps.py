"""The composition root as a Django app: templates of the error pages, and the Celery application."""

from django.apps import AppConfig


class SaasConfig(AppConfig):
    name = "saas"
    label = "saas"
    verbose_name = "Composition root"

    def ready(self) -> None:
        """Makes `.delay()` in every process use our Celery application, and starts error reports."""
        from saas import celery, console, error_reports  # noqa: F401

        error_reports.start()
        console.register()
