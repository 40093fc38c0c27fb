from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "crm_core.customers"
    label = "customers"
    verbose_name = "Customers"

    def ready(self) -> None:
        from crm_core.customers import entities  # noqa: F401  (declares account, contact, lead, customer address)
