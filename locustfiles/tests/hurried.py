"""The standard run's people without the patience: a few of them make as many calls in seconds as a hundred would."""

import os

from locust import constant_pacing

from locustfiles import standard


class Hurried(standard.StandardUser):
    wait_time = constant_pacing(float(os.environ.get("HURRIED_SECONDS", "0.03")))
