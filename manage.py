#!/usr/bin/env python
"""Django's management commands; starts the embedded database and queue when none is configured."""

import os
import sys

WITHOUT_SERVICES = {"help", "version", "makemessages", "compilemessages", "collectstatic"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")
    from django.core.management import execute_from_command_line

    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVICES:
        from saas.embedded import ensure_running
        from saas.environment import DATA_DIR

        ensure_running(DATA_DIR)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
