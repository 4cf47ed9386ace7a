"""Indexes of tables that are in use: built beside the writes, and whole when the migration has ended."""

from typing import Any

from django.contrib.postgres import operations
from django.db import DatabaseError, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's, for a migration that may be run again after it was interrupted, at whatever point.

    An interrupted CREATE INDEX CONCURRENTLY leaves an index that is kept up to date and never read; IF NOT EXISTS
    takes it for done. Here it is dropped first. One that was finished, and only not noted down, is taken as it is.
    """

    def database_forwards(self, app_label: str, schema_editor: Editor, from_state: Any, to_state: Any):
        self._ensure_not_in_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        found = is_whole(schema_editor, model, self.index.name)
        if found is False:
            schema_editor.remove_index(model, self.index, concurrently=True)
        if not found:
            schema_editor.add_index(model, self.index, concurrently=True)
        if not is_whole(schema_editor, model, self.index.name):
            raise DatabaseError(f"The index {self.index.name} is still invalid: run migrate again.")


def is_whole(editor: Editor, model: type[models.Model], name: str) -> bool | None:
    """None when the table has no index of this name."""
    with editor.connection.cursor() as cursor:
        cursor.execute(IS_WHOLE, [name, editor.quote_name(model._meta.db_table)])
        row = cursor.fetchone()
    return row and row[0]


IS_WHOLE = """
SELECT i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = %s AND i.indrelid = %s::regclass
"""
