from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "crm_core.activities"
    label = "activities"
    verbose_name = "Activities"

    def ready(self) -> None:
        from crm_core.activities import entities  # noqa: F401  (declares the activity types and note)
