from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "crm_core.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        # the log listens to log-ins, tasks are woken by name
        from crm_core.records import (
            copies,
            counting,
            files,
            jobs,
            login_log,  # noqa: F401
            outbox,
            sweeps,
            tasks,  # noqa: F401
        )
        from crm_core.records.duplicates.delivering import call_in_own_language, stock_version
        from crm_core.records.duplicates.rules import deliver
        from tenants import pool, provisioning
        from tenants.usage import register_figure, register_meter

        sweeps.register()
        copies.register()
        # while every object is empty: the rules are in force at once instead of after a job
        pool.register_preparation("duplicate_rules", deliver, version=stock_version, order=150)
        provisioning.register_step("duplicate_rules", call_in_own_language, order=150, inside=False)
        register_meter("storage_bytes", files.bytes_stored)
        register_meter("custom_objects", counting.custom_objects)
        register_figure("records", counting.records_stored)
        register_figure("features", counting.features_used)
        register_figure("outbox_oldest_seconds", outbox.oldest_seconds)
        register_figure("jobs_waiting", jobs.waiting_count)
        register_figure("jobs_failed", jobs.failed_count)
