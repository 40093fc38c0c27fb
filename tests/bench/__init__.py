"""Measures the product beside a bare Django + DRF floor and plain SQL, on the same data (PERFORMANCE.md)."""
