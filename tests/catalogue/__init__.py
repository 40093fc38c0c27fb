"""The catalogue of attacks (SAAS.md §6.3), case by case, where no other test already holds it."""
