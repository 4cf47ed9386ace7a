from functools import partial
from urllib.parse import urlsplit

from apps import testing
from apps.media.tests.files import upload, uploaded
from apps.profiling.tests.scenarios.registry import scenario


@scenario("POST", "media/upload")
def store(world):
    return partial(upload, world.api)


@scenario("DELETE", "media")
def remove(world):
    return partial(world.api.delete, f"/media?url={uploaded(world.api)['url']}")


@scenario("GET", "/media/<bucket>/<user_id>/<file>")
def look(world):
    path = urlsplit(uploaded(world.api)["url"]).path

    def read():
        answer = testing.Api().http.get(path)
        b"".join(answer)  # closes the file
        return answer

    return read
