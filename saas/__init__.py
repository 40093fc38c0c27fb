"""The composition root: puts tenants, crm_core, billing and onboarding together and runs them."""
