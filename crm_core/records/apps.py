from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "crm_core.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        from crm_core.records import copies, files, sweeps
        from tenants.usage import register_meter

        sweeps.register()
        copies.register()
        register_meter("storage_bytes", files.bytes_stored)
