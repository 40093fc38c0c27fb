"""The archive of a whole workspace read into an empty one (ASP-40.4): `exchange.exporting.archive` writes it."""
