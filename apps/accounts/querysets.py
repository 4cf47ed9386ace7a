from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef

from apps.accounts.principal import Principal
from apps.accounts.tokens import access_lifetime
from apps.core import clock


class UserQuerySet(models.QuerySet):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def principal(self, user_id: UUID) -> Principal | None:
        """The facts every authenticated request needs, in one row; None for an unknown or deactivated user."""
        revoked = self.model.sessions.rel.related_model.objects.recently_revoked().filter(user_id=OuterRef("pk"))
        columns = ("id", "is_staff", "token_version", "timezone", "day_floor")
        row = self.active().filter(pk=user_id).values_list(*columns, ArraySubquery(revoked.values("pk"))).first()
        return Principal(*row[:-1], tuple(row[-1])) if row else None


class SessionQuerySet(models.QuerySet):
    def recently_revoked(self) -> "SessionQuerySet":
        """Revoked while an access token of theirs may still be unexpired."""
        return self.filter(revoked_at__gt=clock.now() - access_lifetime() - timedelta(minutes=1))
