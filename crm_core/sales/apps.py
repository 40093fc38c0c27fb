from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "crm_core.sales"
    label = "sales"
    verbose_name = "Sales"

    def ready(self) -> None:
        from crm_core.sales import entities  # noqa: F401  (declares opportunity, product, competitor and their lines)
