"""The floor: what Django 5.2 + DRF + django-tenants cost with nothing of a CRM in them."""
