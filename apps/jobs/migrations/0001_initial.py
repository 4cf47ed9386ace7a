from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=50)),
                ("started_at", models.DateTimeField()),
                ("duration_ms", models.IntegerField()),
                ("outcome", models.CharField(choices=[("done", "Done"), ("failed", "Failed")], max_length=20)),
                ("counts", models.JSONField(blank=True, default=dict)),
                ("error", models.CharField(blank=True, max_length=2000)),
            ],
            options={
                "verbose_name": "job run",
                "db_table": "job_runs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["done", "failed"])), name="known_job_outcome"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("duration_ms__gte", 0)), name="job_duration_not_negative"
                    ),
                ],
            },
        ),
    ]
