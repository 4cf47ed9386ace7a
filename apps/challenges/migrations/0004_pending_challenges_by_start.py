from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("challenges", "0003_active_challenges_by_end")]
    operations = [
        AddIndexConcurrently(
            "challenge",
            models.Index(
                condition=models.Q(("status", "pending")), fields=["start_date"], name="idx_challenges_pending_start"
            ),
        )
    ]
