from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the running server. What an interrupted attempt has left goes first: it is kept up to date and never read."""

    atomic = False
    dependencies = [("challenges", "0002_system_habits")]

    operations = [
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "idx_challenges_active_end"', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="challenge",
            index=models.Index(
                condition=models.Q(("status", "active")), fields=["end_date"], name="idx_challenges_active_end"
            ),
        ),
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "idx_challenges_pending_start"', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="challenge",
            index=models.Index(
                condition=models.Q(("status", "pending")), fields=["start_date"], name="idx_challenges_pending_start"
            ),
        ),
    ]
