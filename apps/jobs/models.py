from django.db import models

from apps.core.models import Key, StrictManager, enumeration, not_negative, one_of


class Outcome(models.TextChoices):
    DONE = "done"
    FAILED = "failed"


class JobRun(models.Model):
    """A job that ran: when, for how long, what it did and what went wrong. Kept for thirty days."""

    id = Key()
    name = models.CharField(max_length=50)
    started_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    outcome = enumeration(Outcome)
    counts = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=2000, blank=True)

    objects = StrictManager()

    class Meta:
        db_table = "job_runs"
        verbose_name = "job run"
        constraints = [
            one_of("outcome", Outcome, name="known_job_outcome"),
            not_negative("duration_ms", name="job_duration_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def message(self) -> str:
        """`auto-complete: 3 completed, 1 failed, 0 activated`"""
        return f"{self.name}: {', '.join(f'{count} {what}' for what, count in self.counts.items())}"
