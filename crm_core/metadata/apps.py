from django.apps import AppConfig


class MetadataConfig(AppConfig):
    name = "crm_core.metadata"
    label = "metadata"
    verbose_name = "Metadata"

    def ready(self) -> None:
        from crm_core.metadata import registry
        from crm_core.metadata.customization.overlay import compile_entities

        registry.compile_by(compile_entities)
