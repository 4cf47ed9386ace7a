from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0002_sessions_by_expiry")]
    operations = [
        AddIndexConcurrently(
            "user",
            models.Index(
                condition=models.Q(("current_streak__gt", 0)),
                fields=["timezone", "last_checkin_date"],
                name="idx_users_reminder",
            ),
        )
    ]
