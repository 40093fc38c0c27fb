"""The database engine: django-tenants' own, with one `SET search_path` per transaction."""
