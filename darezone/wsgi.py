import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from apps.core import cache_values
from darezone.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "darezone.settings")
os.environ.setdefault("DAREZONE_SERVES", "true")
application = get_wsgi_application()
cache_values.schema()  # reads every source file once: not while the first request waits
refuse_unsafe_settings()
if settings.RECORDER:
    from apps.profiling.recorder import recorder  # its models want the applications to be loaded

    recorder.start()

# What has been loaded stays: the collector need not walk it again and again. Requests leave little behind in cycles.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
