from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "crm_core.search"
    label = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from crm_core.metadata.customization import publishing
        from crm_core.search.views import uses_of

        publishing.register_usage_finder(uses_of)
