"""The floor's tables."""
