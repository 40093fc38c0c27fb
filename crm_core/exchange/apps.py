from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "crm_core.exchange"
    label = "exchange"
    verbose_name = "Import and export"

    def ready(self) -> None:
        from crm_core.exchange import handlers

        handlers.register()
