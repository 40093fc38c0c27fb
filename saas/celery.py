"""The Celery application: our own task base and the one scheduled task.

The dispatcher starts whatever `tenants.jobs.register_sweep` knows; nothing is scheduled per workspace
(SAAS.md §1.3 row 15).
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")

app = Celery("kontor", task_cls="tenants.jobs:WorkspaceTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    # A tick nobody took within five seconds is worthless: the next one does the same.
    "dispatch-sweeps": {"task": "tenants.dispatch_sweeps", "schedule": 1.0, "options": {"expires": 5}}
}


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    """Keeps Celery from replacing our log configuration."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


app.autodiscover_tasks()

if os.environ.get("KONTOR_PROCESS") == "jobs":
    from saas import resting

    resting.connect()
