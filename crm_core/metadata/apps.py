from django.apps import AppConfig


class MetadataConfig(AppConfig):
    name = "crm_core.metadata"
    label = "metadata"
    verbose_name = "Metadata"
