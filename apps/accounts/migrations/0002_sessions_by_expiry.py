from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0001_initial")]
    operations = [
        AddIndexConcurrently(
            "session",
            models.Index(fields=["expires_at"], name="idx_sessions_expires"),
        )
    ]
