from django.db import migrations

TABLES = ("profiling_statements", "profiling_route_costs", "profiling_statement_costs", "profiling_slow_statements")


class Migration(migrations.Migration):
    """Measurements of three days: not worth the write-ahead log that carries them to disk twice and to every replica."""

    dependencies = [("profiling", "0001_costs")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE {table} SET UNLOGGED", f"ALTER TABLE {table} SET LOGGED") for table in TABLES
    ]
