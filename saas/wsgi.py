"""The WSGI application served by gunicorn."""

import gc
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
# What is loaded now stays. Looking for garbage in it, and in the compiled statements of every workspace, after each few
# hundred new objects stopped all requests of a process for 200 ms and more at a time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
