import django.db.models.deletion
from django.db import migrations, models

# Django has no foreign key whose rows the database deletes beside others that it deletes itself.
ADD_KEY = """
ALTER TABLE push_outbox ADD CONSTRAINT push_outbox_notification_fk
FOREIGN KEY (notification_id) REFERENCES notifications (id) ON DELETE CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Push",
            fields=[
                (
                    "notification",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="push",
                        serialize=False,
                        to="notifications.notification",
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "pushes",
                "db_table": "push_outbox",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("attempts__gte", 0)), name="push_attempts_not_negative"),
                ],
                "indexes": [models.Index(fields=["next_attempt_at"], name="idx_push_outbox_due")],
            },
        ),
        migrations.RunSQL(ADD_KEY, migrations.RunSQL.noop),
    ]
