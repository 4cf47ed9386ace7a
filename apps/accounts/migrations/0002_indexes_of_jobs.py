from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the running server. What an interrupted attempt has left goes first: it is kept up to date and never read."""

    atomic = False
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "idx_sessions_expires"', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="session",
            index=models.Index(fields=["expires_at"], name="idx_sessions_expires"),
        ),
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "idx_users_reminder"', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                condition=models.Q(("current_streak__gt", 0)),
                fields=["timezone", "last_checkin_date"],
                name="idx_users_reminder",
            ),
        ),
    ]
