from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the running server. What an interrupted attempt has left goes first: it is kept up to date and never read."""

    atomic = False
    dependencies = [("notifications", "0002_push_outbox")]

    operations = [
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "idx_notifications_expires"', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="notification",
            index=models.Index(fields=["expires_at"], name="idx_notifications_expires"),
        ),
    ]
