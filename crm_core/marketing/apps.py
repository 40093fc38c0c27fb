from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "crm_core.marketing"
    label = "marketing"
    verbose_name = "Marketing"

    def ready(self) -> None:
        from crm_core.marketing import entities  # noqa: F401  (declares marketing_list)
        from crm_core.marketing.services import members, uses
        from crm_core.metadata.customization import publishing

        members.register()
        publishing.register_usage_finder(uses.uses_of)
        publishing.register_relationship_finder(uses.uses_of_relationship)
        publishing.register_option_finder(uses.uses_of_options)
