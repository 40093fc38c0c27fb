from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "crm_core.exchange"
    label = "exchange"
    verbose_name = "Import and export"

    def ready(self) -> None:
        from crm_core.exchange import handlers
        from crm_core.exchange.personal import retention
        from crm_core.exchange.personal.report import AccessHandler
        from crm_core.exchange.services import maps
        from crm_core.exchange.solutions import duplicate_rules, rights, row_kinds
        from crm_core.exchange.solutions.solutions import locked_here
        from crm_core.metadata.customization import locks, publishing
        from crm_core.records import jobs

        handlers.register()
        locks.register_finder(locked_here)
        publishing.register_option_finder(maps.uses_of_options)
        retention.register()
        jobs.register(AccessHandler())
        for kind in (*rights.KINDS, duplicate_rules.DUPLICATE_RULES):
            row_kinds.register(kind)
