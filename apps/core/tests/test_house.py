"""The rules of the house that a machine can keep."""

import ast
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from apps.core.models import StrictManager
from darezone.postgresql.indexes import AddIndexConcurrently

ROOT = Path(__file__).resolve().parents[3]
# An app imports itself and those before it. Profiling is a leaf: only settings know it.
ARROW = [
    "core",
    "jobs",
    "accounts",
    "notifications",
    "challenges",
    "checkins",
    "social",
    "media",
    "stats",
    "organizations",
]
ARROW += ["profiling"]
OUR_MODELS = [model for model in django_apps.get_models() if model.__module__.startswith("apps.")]


def imports(path: Path) -> set[str]:
    """Apps of ours that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name.startswith("apps.")}
    return found


def modules(app: str) -> list[Path]:
    return [path for path in (ROOT / "apps" / app).rglob("*.py") if "tests" not in path.parts]


class TestImportArrow:
    @pytest.mark.parametrize("app", [name for name in ARROW if (ROOT / "apps" / name).exists()])
    def test_it_points_one_way(self, app):
        allowed = set(ARROW[: ARROW.index(app) + 1])
        for path in modules(app):
            assert imports(path) <= allowed, f"{path.relative_to(ROOT)} imports {sorted(imports(path) - allowed)}"

    def test_it_sees_an_import_that_turns_it(self, tmp_path):
        module = tmp_path / "views.py"
        module.write_text("import os\ndef f():\n    from apps.checkins import models\n    import apps.stats.views\n")
        assert imports(module) == {"checkins", "stats"}

    def test_it_knows_every_app(self):
        assert {path.name for path in (ROOT / "apps").iterdir() if (path / "apps.py").exists()} <= set(ARROW)


def blocking_indexes(migration: migrations.Migration) -> list[str]:
    """Those that stop writes, and those that share their migration: interrupted, it could not be run again."""
    made = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    added = [one for one in migration.operations if isinstance(one, migrations.AddIndex)]
    late = [one for one in added if one.model_name_lower not in made]
    alone = len(migration.operations) == 1 and not migration.atomic
    return [one.index.name for one in late if not (alone and isinstance(one, AddIndexConcurrently))]


class TestMigrations:
    def test_an_index_of_an_older_table_is_added_concurrently_and_alone(self):
        ours = [migration for (app, _), migration in MigrationLoader(None).disk_migrations.items() if app in ARROW]
        assert len(ours) >= 5
        assert {str(migration): found for migration in ours if (found := blocking_indexes(migration))} == {}

    def test_it_sees_an_index_that_blocks(self):
        index = models.Index(fields=["size"], name="by_size")
        migration = migrations.Migration("0009_by_size", "shelves")
        migration.operations = [migrations.AddIndex("shelf", index)]
        assert blocking_indexes(migration) == ["by_size"]
        migration.operations = [AddIndexConcurrently("shelf", index)]
        assert blocking_indexes(migration) == ["by_size"]
        migration.atomic = False
        assert blocking_indexes(migration) == []
        migration.operations += [AddIndexConcurrently("shelf", index)]
        assert blocking_indexes(migration) == ["by_size"] * 2

    @pytest.mark.django_db
    def test_none_is_missing(self):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)

    def test_each_is_named_for_its_intent(self):
        for path in ROOT.glob("apps/*/migrations/0*.py"):
            assert "auto" not in path.stem and len(path.stem) > 5, f"{path.name} needs a name"


class TestModels:
    @pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model.__name__)
    def test_its_manager_raises_instead_of_fetching(self, model):
        assert isinstance(model._default_manager, StrictManager)
        assert model._default_manager.all()._fetch_mode is models.FETCH_RAISE

    @pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model.__name__)
    def test_its_foreign_keys_have_no_index_of_their_own(self, model):
        keys = [field for field in model._meta.local_fields if field.is_relation]
        assert not [field.name for field in keys if field.db_index and not field.primary_key]

    def test_files_stay_short(self):
        for path in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("darezone/*.py")]:
            if "migrations" not in path.parts and "tests" not in path.parts:
                assert len(path.read_text().splitlines()) <= 250, f"{path.relative_to(ROOT)}: split it"
