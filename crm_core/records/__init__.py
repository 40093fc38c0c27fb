"""The one door to rows: reading (`query`), writing (`service`), and what every write leaves behind."""
