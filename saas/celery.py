"""The Celery application: our own task base, queues, and the schedule every module declares.

A module that needs something run regularly puts `SCHEDULE = {"name": {"task": dotted.name, "schedule":
seconds}}` into its `schedule.py`. Scheduled tasks run in the public schema and hand out work per workspace
themselves; nothing is scheduled per workspace (SAAS.md §1.3 row 15).
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")

app = Celery("kontor", task_cls="tenants.jobs:WorkspaceTask")
app.config_from_object("django.conf:settings", namespace="CELERY")


def _schedule() -> dict[str, dict[str, Any]]:
    """The merged schedules of all installed apps. Raises ValueError when two use one name."""
    from django.conf import settings

    merged: dict[str, dict[str, Any]] = {}
    for name in settings.INSTALLED_APPS:
        if find_spec(f"{name}.schedule") is None:
            continue
        for key, entry in import_module(f"{name}.schedule").SCHEDULE.items():
            if key in merged:
                raise ValueError(f"Two modules schedule {key!r}.")
            merged[key] = entry
    return merged


@app.on_after_configure.connect
def _install_schedule(sender: Celery, **_: Any) -> None:
    sender.conf.beat_schedule = _schedule()


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    """Keeps Celery from replacing our log configuration."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


app.autodiscover_tasks()
