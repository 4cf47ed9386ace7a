"""Which site `django.contrib.admin.site` is. Not in apps.py: Django looks there for the one configuration of core."""

from django.contrib.admin.apps import AdminConfig


class StaffSiteConfig(AdminConfig):
    default_site = "apps.core.site.StaffSite"
