from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0002_push_outbox")]
    operations = [
        AddIndexConcurrently(
            "notification",
            models.Index(fields=["expires_at"], name="idx_notifications_expires"),
        )
    ]
