import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Greatest, Least

import apps.core.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Friendship",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "requester",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="friendships_requested",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "addressee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="friendships_received",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("blocked", "Blocked"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
            ],
            options={
                "db_table": "friendships",
                "indexes": [
                    apps.core.models.LongIndex(fields=["requester", "status"], name="idx_friendships_requester_status"),
                    apps.core.models.LongIndex(fields=["addressee", "status"], name="idx_friendships_addressee_status"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        Least("requester", "addressee"),
                        Greatest("requester", "addressee"),
                        name="one_friendship_per_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("requester", models.F("addressee")), _negated=True), name="not_oneself"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["pending", "accepted", "rejected", "blocked"])),
                        name="known_friendship_status",
                    ),
                ],
            },
        ),
    ]
