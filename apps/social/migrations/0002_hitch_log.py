import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("social", "0001_friendships"),
        ("challenges", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hitch",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "challenge",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hitches",
                        to="challenges.challenge",
                    ),
                ),
                (
                    "habit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hitches",
                        to="challenges.habit",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hitches_sent",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hitches_received",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hitch_date", models.DateField()),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name_plural": "hitches",
                "db_table": "hitch_log",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("challenge", "habit", "sender", "target", "hitch_date"),
                        name="one_hitch_per_habit_per_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sender", models.F("target")), _negated=True), name="not_oneself_hitch"
                    ),
                ],
            },
        ),
    ]
