from django.db import models


class CheckInQuerySet(models.QuerySet):
    pass
