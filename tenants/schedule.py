"""What the scheduler starts for this package; everything periodic hangs on the one dispatcher."""

SCHEDULE = {
    # A dispatch that waited longer than a few seconds is worthless: the next one does its work.
    "tenants.dispatch_sweeps": {
        "task": "tenants.dispatch_sweeps",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
}
