from django.apps import AppConfig


class DareZoneConfig(AppConfig):
    name = "darezone"

    def ready(self) -> None:
        from darezone import checks

        checks.register()
