"""A process with silk, for test_silk.py: makes requests and prints what silk has kept of them.

Everything of the application is rolled back. What silk writes is not, because it goes its own way, to a database of its
own that this process fills.
"""

import json
import sys
from typing import Any

import django

WANTED = {"X-Silk": "1"}


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", database="silk", verbosity=0)
    with transaction.atomic():
        found = Facts().all()
        transaction.set_rollback(True)
    json.dump(found, sys.stdout)


class Facts:
    """What there is to find out, in the order in which it comes to be."""

    def __init__(self):
        from django.test import Client

        from apps import testing

        self.staff = testing.make_user("Stef", is_staff=True, is_superuser=True)
        stranger = testing.make_user("Max")
        names = ("anonymous", "stranger", "staff")
        self.browsers = {name: Client(raise_request_exception=False) for name in names}
        self.browsers["stranger"].force_login(stranger)
        self.browsers["staff"].force_login(self.staff)
        self.as_staff, self.as_stranger, self.nobody = testing.Api(self.staff), testing.Api(stranger), testing.Api()

    def all(self) -> dict[str, Any]:
        found = {"of strangers": self.strangers(), "answers": self.secrets(), "of staff": recorded(), "kept": kept()}
        found |= {"queries": queries(), "aliases": aliases(), "pages": self.pages()}
        found |= {"link": self.has_link("/silk/requests/", to="/admin/performance/")}
        found |= {"link back": self.has_link("/admin/performance/", to="/silk/requests/")}
        return found | {"after collection": collected(), "without its database": without_database(self.as_staff)}

    def strangers(self) -> int:
        self.as_stranger.get("/habits", headers=WANTED)
        self.nobody.get("/habits", headers=WANTED)
        self.nobody.get("/habits", headers=WANTED | {"Authorization": "Bearer nonsense"})
        self.browsers["stranger"].get("/api/v1", headers=WANTED)
        self.as_staff.get("/habits")
        return recorded()

    def secrets(self) -> list[int]:
        body = {"email": self.staff.email, "password": "hunter2-secret"}
        answers = [
            self.as_staff.post("/auth/login", body | {"password": "password"}, headers=WANTED),
            self.as_staff.post("/auth/login", body, headers=WANTED),
            self.as_staff.patch("/users/me", {"bio": "a biography"}, headers=WANTED),
            self.as_staff.patch("/users/me", {"bio": "long " * 10_000}, headers=WANTED),
            self.browsers["staff"].get("/admin/", headers=WANTED),
        ]
        return [answer.status_code for answer in answers]

    def pages(self) -> dict[str, int]:
        return {name: browser.get("/silk/requests/").status_code for name, browser in self.browsers.items()}

    def has_link(self, page: str, *, to: str) -> bool:
        return to.encode() in self.browsers["staff"].get(page).content


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
