from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "crm_core.search"
    label = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from crm_core.metadata.customization import publishing
        from crm_core.search.indexing import index_filters
        from crm_core.search.views import check_standard_view, uses_of, uses_of_options, uses_of_relationship
        from tenants.jobs import register_sweep

        publishing.register_usage_finder(uses_of)
        publishing.register_relationship_finder(uses_of_relationship)
        publishing.register_option_finder(uses_of_options)
        publishing.register_checker("view", check_standard_view)
        register_sweep("search.index_filters", 86_400, index_filters)
