"""The indexes are those of the contract, each has its reason, and the report finds what is wrong with others."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.challenges.models import Challenge, Habit
from apps.profiling import indexes

# Contract 9.5, word for word. Its names with a definition of their own each, so two names in one row are two rows.
CONTRACT = """
idx_checkins_user_date | check_ins(user_id, checkin_date DESC)
idx_challenge_members_user_status | challenge_members(user_id, status) WHERE status = 'active'
idx_notifications_user_unread | notifications(user_id, created_at DESC) WHERE is_read = false
idx_challenges_status_created | challenges(status, created_at DESC)
idx_checkins_challenge_date | check_ins(challenge_id, checkin_date DESC, created_at DESC)
idx_checkins_challenge_user_date | check_ins(challenge_id, user_id, checkin_date DESC)
idx_challenge_members_user_all | challenge_members(user_id, challenge_id)
idx_notifications_user_created | notifications(user_id, created_at DESC, id DESC)
idx_notifications_expires | notifications(expires_at)
idx_challenges_discover | challenges(created_at DESC, id DESC) WHERE is_public AND organization_id IS NULL AND status IN ('pending', 'active')
idx_challenges_name_trgm | challenges USING gin (UPPER(name) gin_trgm_ops) WHERE is_public AND organization_id IS NULL
idx_challenges_organization | challenges(organization_id, created_at DESC) WHERE organization_id IS NOT NULL
idx_challenges_active_end | challenges(end_date) WHERE status = 'active'
idx_challenges_pending_start | challenges(start_date) WHERE status = 'pending'
idx_users_display_name_trgm | users USING gin (UPPER(display_name) gin_trgm_ops)
idx_users_organization | users(organization_id, organization_joined_at) WHERE organization_id IS NOT NULL
idx_users_reminder | users(timezone, last_checkin_date) WHERE current_streak > 0
idx_habits_system | habits(id) WHERE is_system
idx_habits_owner | habits(created_by, created_at) WHERE NOT is_system
idx_friendships_requester_status | friendships(requester_id, status)
idx_friendships_addressee_status | friendships(addressee_id, status)
idx_programs_organization | programs(organization_id, created_at DESC)
idx_sessions_user | sessions(user_id, revoked_at)
idx_sessions_previous | sessions(previous_refresh_hash) WHERE previous_refresh_hash IS NOT NULL
idx_sessions_expires | sessions(expires_at)
idx_idempotency_keys_expires | idempotency_keys(expires_at)
idx_push_outbox_due | push_outbox(next_attempt_at)
"""  # noqa: E501 - rows of a table
DEFINITIONS = dict(line.split(" | ") for line in CONTRACT.strip().splitlines())
# They come with the endpoints and jobs that they serve.
NOT_YET_BUILT = {
    "idx_challenges_organization",
    "idx_users_organization",
    "idx_programs_organization",
}
BUILT = sorted(DEFINITIONS.keys() - NOT_YET_BUILT)


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def definition(name):
    """As PostgreSQL prints it, without the name. A condition can be written in two ways that mean the same to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
        return cursor.fetchone()[0].replace(name, "").replace("(is_read = false)", "(NOT is_read)")


def of_contract(name):
    """The contract's text over the columns that exist."""
    text = DEFINITIONS[name].replace("(created_by,", f"({Habit._meta.get_field('created_by').column},")
    if "organization" not in {field.name for field in Challenge._meta.get_fields()}:
        text = text.replace(" AND organization_id IS NULL", "")
    return text


def create(index):
    _, unique, rest = index.rpartition("UNIQUE ")
    return f"CREATE {unique}INDEX {rest}"


def names(findings):
    return [finding.name for finding in findings]


@pytest.mark.django_db
class TestContract:
    def test_it_works(self):
        found = indexes.read_indexes(connection, sorted(indexes.our_models()))
        assert sorted(index.name for index in found if not index.rule) == BUILT

    @pytest.mark.parametrize("name", BUILT)
    def test_an_index_is_defined_as_the_contract_says(self, name):
        execute(f"CREATE INDEX expected ON {of_contract(name)}")
        assert definition(name) == definition("expected")

    def test_none_is_redundant_and_none_is_invalid(self):
        found = indexes.report(connection)
        assert (found["redundant"], found["invalid"]) == ([], [])


# Two indexes on a table of a, b, c, d (text) and e (not null), and which of them is redundant.
PAIRS = [
    ("one ON shelf (a)", "two ON shelf (a, b)", ["one"]),
    ("one ON shelf (a, b)", "two ON shelf (a, b)", ["two"]),
    ("one ON shelf (a, b)", "two ON shelf (b, a)", []),
    ("one ON shelf (a, b)", "two ON shelf (b)", []),
    ("one ON shelf (a)", "UNIQUE two ON shelf (a, b)", ["one"]),
    ("one ON shelf (a)", "UNIQUE two ON shelf (a)", ["one"]),
    ("UNIQUE one ON shelf (a)", "two ON shelf (a, b)", []),
    ("UNIQUE one ON shelf (a)", "UNIQUE two ON shelf (a, b)", []),
    ("UNIQUE one ON shelf (a)", "UNIQUE two ON shelf (a)", ["two"]),
    ("UNIQUE one ON shelf (a)", "UNIQUE two ON shelf (a) NULLS NOT DISTINCT", []),
    ("one ON shelf (id)", "two ON shelf (a)", ["one"]),
    # Partial ones.
    ("one ON shelf (a) WHERE b > 0", "two ON shelf (a)", []),
    ("one ON shelf (a)", "two ON shelf (a, b) WHERE b > 0", []),
    ("one ON shelf (a) WHERE b > 0", "two ON shelf (a, c) WHERE b > 0", ["one"]),
    ("one ON shelf (a) WHERE b > 0", "two ON shelf (a, c) WHERE b > 1", []),
    # Order: the whole of it can be read backwards, a part cannot.
    ("one ON shelf (a, b)", "two ON shelf (a, b DESC)", []),
    ("one ON shelf (a, b)", "two ON shelf (a DESC, b DESC, c)", ["one"]),
    ("one ON shelf (a DESC)", "two ON shelf (a, b)", ["one"]),
    ("one ON shelf (a, b DESC)", "two ON shelf (a, b DESC, c)", ["one"]),
    ("one ON shelf (a NULLS FIRST)", "two ON shelf (a, b)", []),
    # Expressions, operator classes, collations, methods, further columns.
    ("one ON shelf (upper(d))", "two ON shelf (d)", []),
    ("one ON shelf (upper(d))", "two ON shelf (upper(d), a)", ["one"]),
    ("one ON shelf (d)", "two ON shelf (d text_pattern_ops, a)", []),
    ('one ON shelf (d COLLATE "C")', "two ON shelf (d, a)", []),
    ("one ON shelf USING hash (a)", "two ON shelf (a)", []),
    ("one ON shelf USING gin (d gin_trgm_ops)", "two ON shelf USING gin (d gin_trgm_ops)", ["two"]),
    ("one ON shelf USING gin (d gin_trgm_ops)", "two ON shelf USING gin (d gin_trgm_ops, upper(d) gin_trgm_ops)", []),
    ("one ON shelf (a) INCLUDE (b)", "two ON shelf (a, c)", []),
    ("one ON shelf (a) INCLUDE (b)", "two ON shelf (a, b)", ["one"]),
    ("one ON shelf (a)", "two ON shelf (a) INCLUDE (b)", ["one"]),
]
SHELF = "CREATE TABLE shelf (id int PRIMARY KEY, a int, b int, c int, d text, e int NOT NULL)"


@pytest.mark.django_db
class TestRedundant:
    @pytest.mark.parametrize(("one", "two", "expected"), PAIRS)
    def test_it_compares_two_indexes(self, one, two, expected):
        execute(SHELF, create(one), create(two))
        assert names(indexes.report(connection, ["shelf"])["redundant"]) == expected

    def test_it_finds_one_on_a_table_of_ours_and_proposes_to_drop_it(self):
        execute("CREATE INDEX by_user ON check_ins (user_id)")
        (finding,) = indexes.report(connection)["redundant"]
        assert (finding.table, finding.name) == ("check_ins", "by_user")
        assert finding.reason.startswith("a prefix of idx_checkins_user_date: CREATE INDEX idx_checkins_user_date ON")
        assert finding.operation == (
            "migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS \"by_user\"', migrations.RunSQL.noop),"
        )

    def test_it_finds_a_declared_one_and_proposes_to_remove_it(self):
        execute("CREATE INDEX longer ON sessions (user_id, revoked_at, id)")
        (finding,) = indexes.report(connection)["redundant"]
        assert finding.operation == 'RemoveIndexConcurrently("session", "idx_sessions_user"),'

    def test_an_invalid_index_replaces_nothing(self):
        execute(SHELF, "CREATE INDEX one ON shelf (a)", "CREATE INDEX two ON shelf (a, b)")
        execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'two'::regclass")
        found = indexes.report(connection, ["shelf"])
        assert (names(found["redundant"]), names(found["invalid"])) == ([], ["two"])


@pytest.fixture
def shelf(django_db_setup, django_db_blocker):
    """A table that is committed: 2,000 rows, two with the same `a`."""
    with django_db_blocker.unblock():
        execute(SHELF, "INSERT INTO shelf SELECT n, greatest(n, 2), 0, n, n::text, n FROM generate_series(1, 2000) n")
        execute("SELECT pg_stat_force_next_flush()", "ANALYZE shelf")
        yield
        execute("DROP TABLE shelf")


def report_after_flush():
    execute("SELECT pg_stat_force_next_flush()")
    return indexes.report(connection, ["shelf"])


class TestInvalid:
    def test_it_finds_what_a_failed_migration_left(self, shelf):
        with pytest.raises(IntegrityError):
            execute("CREATE UNIQUE INDEX CONCURRENTLY only_one ON shelf (a)")
        (finding,) = indexes.report(connection, ["shelf"])["invalid"]
        assert finding.name == "only_one"
        assert 'DROP INDEX CONCURRENTLY IF EXISTS "only_one"' in finding.operation

    @pytest.mark.django_db
    def test_it_proposes_to_rebuild_a_declared_one(self):
        execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_checkins_user_date'::regclass")
        (finding,) = indexes.report(connection)["invalid"]
        assert 'REINDEX INDEX CONCURRENTLY "idx_checkins_user_date"' in finding.operation


@pytest.mark.direct("it has the connection of the server that it is on report its statistics")
class TestUnused:
    def test_it_finds_what_no_statement_used(self, shelf):
        execute(*map(create, ("used ON shelf (c)", "idle ON shelf (b)", "UNIQUE rule ON shelf (e)")))
        execute("SELECT d FROM shelf WHERE c = 7")
        found = {finding.name: finding for finding in report_after_flush()["unused"]}
        assert found.keys() == {"idle", "rule", "shelf_pkey"}
        assert found["idle"].operation and found["idle"].reason == "no scan"
        assert not found["rule"].operation and found["rule"].reason == "enforces uniqueness: exempt"


@pytest.mark.direct("it has the connection of the server that it is on report its statistics")
class TestScans:
    def test_it_finds_large_tables_that_are_read_whole(self, shelf):
        execute("SELECT d FROM shelf WHERE d = 'x'", "SELECT d FROM shelf WHERE d = 'y'")
        (finding,) = report_after_flush()["large tables with sequential scans"]
        assert finding.reason.startswith("2,000 rows, ")
        assert finding.scans == 3  # the first one built the primary key
        assert finding.operation.startswith('AddIndexConcurrently("shelf", models.Index(fields=[...]')

    def test_it_ignores_small_ones(self, shelf):
        execute("DELETE FROM shelf WHERE id > 1000", "SELECT count(*) FROM shelf")
        assert report_after_flush()["large tables with sequential scans"] == []


@pytest.mark.django_db
class TestForeignKeys:
    @pytest.mark.parametrize(
        ("index", "expected"),
        [
            ("(other)", []),
            ("(other, b)", []),
            ("(other) WHERE other IS NOT NULL", []),
            ("(b, other)", ["shelf_fk"]),
            ("(other) WHERE b = 1", ["shelf_fk"]),
        ],
    )
    def test_it_finds_those_without_an_index(self, index, expected):
        execute(SHELF, "ALTER TABLE shelf ADD other int CONSTRAINT shelf_fk REFERENCES shelf")
        execute(f"CREATE INDEX one ON shelf {index}")
        assert names(indexes.report(connection, ["shelf"])["foreign keys without index"]) == expected

    def test_it_proposes_an_index_and_says_what_the_contract_says(self):
        found = {finding.table: finding for finding in indexes.report(connection)["foreign keys without index"]}
        finding = found["challenges"]
        index = "models.Index(fields=['created_by'], name='idx_challenges_created_by')"
        assert finding.operation == f'AddIndexConcurrently("challenge", {index}),'
        assert finding.reason.startswith("(created_by_id) to users; contract 9.5 has none")
        assert finding.scans is not None
        assert "in part by idx_habits_owner" in found["habits"].reason

    def test_it_keeps_the_transaction(self):
        with transaction.atomic():
            indexes.report(connection)
        assert indexes.counted_since(connection) is None or "T" in indexes.counted_since(connection)
