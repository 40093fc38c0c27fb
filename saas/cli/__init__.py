"""The command line: `python -m saas up|down|demo|doctor|migrate|pool|test`."""
