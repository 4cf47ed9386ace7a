from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("challenges", "0002_system_habits")]
    operations = [
        AddIndexConcurrently(
            "challenge",
            models.Index(
                condition=models.Q(("status", "active")), fields=["end_date"], name="idx_challenges_active_end"
            ),
        )
    ]
