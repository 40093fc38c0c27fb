"""The WSGI application served by gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")
# A thread that comes back from the database waits for the interpreter up to this long behind each busy one, once per
# statement: with the usual five milliseconds a short request beside two long ones takes ten times as long.
sys.setswitchinterval(0.0005)

application = get_wsgi_application()

from tenants import counting  # noqa: E402 - needs the applications

counting.start()
