"""The URL of a database beside that of the tests, for processes that they start."""

from urllib.parse import quote

from django.db import connection


def url_of(name: str) -> str:
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    place = quote(database["HOST"], safe="") + (f":{database['PORT']}" if database["PORT"] else "")
    return f"postgresql://{database['USER']}{password}@{place}/{name}"
