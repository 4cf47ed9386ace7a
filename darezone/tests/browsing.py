"""A headless Chromium of the system, and a development server with demo data for it to look at.

DAREZONE_SCREENSHOTS=folder keeps a picture of each page, wide and narrow, light and dark.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[2] / "bin" / "lib"))
import production_like  # noqa: E402
import serve  # noqa: E402
from checkout import PREPARE  # noqa: E402
from postgres import create_database, drop_database  # noqa: E402
from processes import run_leashed  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PASSWORD, STAFF = "demo-password", "admin@example.com"
WIDE, NARROW = {"width": 1400, "height": 1000}, {"width": 420, "height": 900}


def executable() -> str:
    """Skips where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return found


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Its URL. In a database beside those of the tests, with request profiles and documentation."""
    folder = Path(tempfile.mkdtemp(prefix="darezone-browser-")).resolve()
    (folder / "log").mkdir()
    url = beside(os.environ["DATABASE_URL"], f"browser_{os.getpid()}")
    options = argparse.Namespace(workers=1, threads=4)
    kept = {name: value for name, value in os.environ.items() if name not in production_like.NOT_OURS}
    ours = {"DATABASE_URL": url, "REDIS_URL": os.environ["REDIS_URL"], "CACHE_ENABLED": "false", "LOG_LEVEL": "ERROR"}
    shown = {"DEBUG": "false", "ENABLE_DOCS": "true", "DAREZONE_PROFILE": "1"}
    environment = kept | ours | shown | {"ENVIRONMENT": "development"}
    create_database(url)
    try:
        with (folder / "log" / "prepare.log").open("wb") as log:
            assert run_leashed([sys.executable, PREPARE, "demo"], env=environment, log=log) == 0, log.name
        environment |= serve.environment(options)
        with production_like.server(folder, environment, options=options) as started:
            yield started.url
        shutil.rmtree(environment["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    finally:
        drop_database(url)
        shutil.rmtree(folder, ignore_errors=True)


def beside(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    server, _, rest = url.rpartition("/")
    return "?".join([f"{server}/{name}", *rest.partition("?")[2:]]).rstrip("?")


def keep(page: Page, name: str) -> None:
    """Pictures of a page, for whoever wants to see it."""
    if not (folder := os.environ.get("DAREZONE_SCREENSHOTS")):
        return
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark")
        for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
            page.set_viewport_size(viewport)
            page.wait_for_timeout(200)
            page.screenshot(path=Path(folder, f"{name}-{size}-{scheme}.png"))
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size(WIDE)
