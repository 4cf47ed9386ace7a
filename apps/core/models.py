"""What every model of DareZone is made of."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from uuid_utils.compat import uuid7 as _uuid7

from apps.core import clock


def uuid7() -> uuid.UUID:
    return _uuid7()


class StrictManager(models.Manager):
    """Reading a relation or a column that the query did not load raises instead of making a hidden query."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().fetch_mode(models.FETCH_RAISE)


def loaded[M: models.Model](model: type[M], columns: Sequence[str], values: Sequence[Any]) -> M:
    """An instance of what was read past the ORM: `columns` in the order of the model's fields. The others raise."""
    return model.from_db(DEFAULT_DB_ALIAS, columns, values, fetch_mode=models.FETCH_RAISE)


class WithoutDefault:
    """A field whose default is code of ours: migrations see the plain field, so they import nothing from the apps."""

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs


class Key(WithoutDefault, models.UUIDField):
    """A time-ordered primary key made by the application."""

    def __init__(self, **options):
        super().__init__(**{"primary_key": True, "default": uuid7, "editable": False} | options)


class CreatedAt(WithoutDefault, models.DateTimeField):
    def __init__(self, **options):
        super().__init__(**{"default": clock.now, "editable": False} | options)


class UpdatedAt(CreatedAt):
    """Now, at every save. A queryset's update() names the column itself."""

    def pre_save(self, model_instance: models.Model, add: bool):
        setattr(model_instance, self.attname, clock.now())
        return super().pre_save(model_instance, add)


class FixedChar(models.CharField):
    """char(n): codes and hashes of one length."""

    def db_type(self, connection) -> str:
        # char by its other name: Django cuts the length off for bulk inserts, and char alone is one character.
        return f"bpchar({self.max_length})"


class LongIndex(models.Index):
    """An index with a name as long as PostgreSQL allows: Django stops at 30 characters for the sake of Oracle."""

    max_name_length = 63


def days_between(later: str, earlier: str) -> models.Func:
    """Whole days from one date column to another."""
    return models.Func(
        models.F(later),
        models.F(earlier),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=models.IntegerField(),
    )


def reference(to: str, related_name: str, on_delete=models.CASCADE, **options) -> models.ForeignKey:
    """A foreign key without an index of its own: the indexes that serve a read are declared by name."""
    return models.ForeignKey(to, on_delete=on_delete, related_name=related_name, db_index=False, **options)


def enumeration(choices: type[models.TextChoices], **options) -> models.CharField:
    return models.CharField(max_length=20, choices=choices.choices, **options)


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def not_negative(*fields: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(**{f"{field}__gte": 0 for field in fields}), name=name)


class IdempotencyKey(models.Model):
    """What a call with this key was answered. Written in the transaction of its effect, see idempotency.py."""

    id = Key()
    user = reference("accounts.User", "idempotency_keys")
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = FixedChar(max_length=64)
    status = models.SmallIntegerField()
    body = models.BinaryField()
    created_at = CreatedAt()
    expires_at = models.DateTimeField()

    objects = StrictManager()

    class Meta:
        db_table = "idempotency_keys"
        constraints = [models.UniqueConstraint(fields=["user", "path", "key"], name="one_answer_per_key")]
        indexes = [
            # The clean-up takes those that have expired.
            models.Index(fields=["expires_at"], name="idx_idempotency_keys_expires"),
        ]

    def __str__(self) -> str:
        return str(self.id)
