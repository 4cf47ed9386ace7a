from django.db import migrations, models

from darezone.postgresql.indexes import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("late_index", "0001_things")]
    operations = [AddIndexConcurrently("thing", models.Index(fields=["size"], name="idx_things_size"))]
