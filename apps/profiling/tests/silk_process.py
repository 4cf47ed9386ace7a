"""A process with silk, for test_silk.py: makes requests and prints what silk has kept of them.

Everything of the application is rolled back. What silk writes is not, because it goes its own way, to a database of its
own that this process fills.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", database="silk", verbosity=0)
    with transaction.atomic():
        found = {name: fact() for name, fact in facts().items()}
        transaction.set_rollback(True)
    json.dump(found, sys.stdout)


def facts() -> dict[str, Callable[[], Any]]:
    """In the order in which they come to be."""
    from django.test import Client

    from apps import testing

    staff, stranger = testing.make_user("Stef", is_staff=True, is_superuser=True), testing.make_user("Max")
    browsers = {name: Client(raise_request_exception=False) for name in ("anonymous", "stranger", "staff")}
    browsers["stranger"].force_login(stranger)
    browsers["staff"].force_login(staff)
    as_staff, as_stranger, nobody = testing.Api(staff), testing.Api(stranger), testing.Api()
    wanted = {"X-Silk": "1"}

    def strangers() -> int:
        as_stranger.get("/habits", headers=wanted)
        nobody.get("/habits", headers=wanted)
        nobody.get("/habits", headers=wanted | {"Authorization": "Bearer nonsense"})
        browsers["stranger"].get("/api/v1", headers=wanted)
        as_staff.get("/habits")
        return recorded()

    def secrets() -> list[int]:
        body = {"email": staff.email, "password": "hunter2-secret"}
        answers = [
            as_staff.post("/auth/login", body | {"password": "password"}, headers=wanted),
            as_staff.post("/auth/login", body, headers=wanted),
            as_staff.patch("/users/me", {"bio": "a biography"}, headers=wanted),
            browsers["staff"].get("/admin/", headers=wanted),
        ]
        return [answer.status_code for answer in answers]

    def pages() -> dict[str, int]:
        return {name: browser.get("/silk/requests/").status_code for name, browser in browsers.items()}

    return {
        "of strangers": strangers,
        "answers": secrets,
        "of staff": recorded,
        "kept": kept,
        "queries": queries,
        "aliases": aliases,
        "pages": pages,
        "link": lambda: b"/admin/performance/" in browsers["staff"].get("/silk/requests/").content,
        "link back": lambda: b"/silk/requests/" in browsers["staff"].get("/admin/performance/").content,
        "after collection": collected,
        "without its database": lambda: without_database(as_staff),
    }


def recorded() -> int:
    from silk.models import Request

    return Request.objects.count()


def kept() -> str:
    """Every text that silk has stored, bodies decoded."""
    from silk.models import Request, Response, SQLQuery

    texts = [str(list(model.objects.values())) for model in (Request, Response, SQLQuery)]
    return "".join(texts) + "".join(str(response.raw_body_decoded) for response in Response.objects.all())


def queries() -> list[str]:
    from silk.models import SQLQuery

    return list(SQLQuery.objects.order_by("id").values_list("query", flat=True))


def aliases() -> list[str]:
    from django.db import router
    from silk.models import Request

    from apps.accounts.models import User

    return [router.db_for_write(Request), router.db_for_read(Request), router.db_for_write(User)]


def collected() -> int:
    from django.core.management import call_command

    call_command("silk_request_garbage_collect", max_requests=1, verbosity=0)
    return recorded()


def without_database(api) -> int:
    """The status of a request that silk cannot record."""
    from django.db import connections

    connections["silk"].close()
    connections["silk"].settings_dict["NAME"] = "nobody_has_this"
    return api.get("/habits", headers={"X-Silk": "1"}).status_code


if __name__ == "__main__":
    main()
