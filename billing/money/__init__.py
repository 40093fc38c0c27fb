"""Arithmetic of money: pure functions on minor units, no database, no clock."""
