from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "crm_core.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        from crm_core.records import sweeps

        sweeps.register()
