"""Fifty workspaces at once: what the quiet ones notice of the loud ones (PERFORMANCE.md §4 Neighbours, SAAS.md F11)."""
