"""Stripe behind the common interface. `adapter.py` makes calls, `shapes.py` reads answers."""
