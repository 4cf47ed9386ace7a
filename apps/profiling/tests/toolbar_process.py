"""A process with the debug toolbar, for test_toolbar.py: makes a JSON call and prints what is kept of it."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.db import transaction
    from django.test import Client

    from apps import testing

    browser = Client()
    with transaction.atomic():
        answer = testing.Api(testing.make_user("Ann")).get("/habits")
        history = browser.get("/__debug__/history_refresh/", {"request_id": "any"}).json()["requests"]
        transaction.set_rollback(True)
    asked = {"request_id": history[0]["id"], "panel_id": "SQLPanel"}
    statements = browser.get("/__debug__/render_panel/", asked).json()["content"]
    found = {"type": answer["Content-Type"], "history": [entry["content"] for entry in history]}
    found |= {"statements": statements, "on documentation": "djDebug" in page(browser, "/docs")}
    json.dump(found, sys.stdout)


def page(browser, path: str) -> str:
    return browser.get(path).content.decode()


if __name__ == "__main__":
    main()
