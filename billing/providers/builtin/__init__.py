"""A payment provider of our own: the embedded default, and enough to run a business by invoice.

It is written as if it were somebody else's system: tables of its own, reached through `adapter.py` only, and it tells
what happened by signed webhooks over HTTP. Nothing outside this package reads its tables.
"""
