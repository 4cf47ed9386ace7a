from django.db import models


class NotificationQuerySet(models.QuerySet):
    pass
