import pytest
from django.db import connection

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Membership


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["display_name"] for row in response.json()]


def plan_of(queryset) -> str:
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql, params)
        return "\n".join(line for (line,) in cursor.fetchall())


class TestUserSearch:
    def test_it_works(self, as_owner, member):
        assert as_owner.get("/users/search", {"q": "max"}).json() == [
            {
                "id": str(member.id),
                "display_name": "Max",
                "avatar_url": None,
                "is_friend": False,
                "friendship_status": None,
                "active_challenge_id": None,
            }
        ]

    @pytest.mark.parametrize("q", ["lga", "OLGA", "a po", " olga ", "öva", "ÖVA", "popo\u0308va"])
    def test_it_finds_any_part_of_a_name_in_any_case(self, as_member, q):
        testing.make_user("Olga Popöva", email="o.p@example.com")
        assert names(as_member.get("/users/search", {"q": q})) == ["Olga Popöva"]

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("jo", ["Jo Lu-Anne"]),
            ("JO", ["Jo Lu-Anne"]),
            ("lu", ["Jo Lu-Anne"]),
            ("an", ["Jo Lu-Anne"]),
            ("o ", None),
            ("nn", []),
            ("ne", []),
            ("o l", ["Jo Lu-Anne"]),
            ("él", ["(élan)"]),
            ("ÉL", ["(élan)"]),
            ("la", []),
            ("(é", ["(élan)"]),
        ],
    )
    def test_it_matches_two_characters_where_a_word_begins(self, as_member, q, found):
        testing.make_user("Jo Lu-Anne")
        testing.make_user("(élan)")
        response = as_member.get("/users/search", {"q": q})
        assert violations(response) == [("q", "min_length")] if found is None else names(response) == found

    @pytest.mark.parametrize(
        "q", ["%%%", "___", "a%b", "a_b", "\\\\\\", "%%", "__", "\\\\", ".*", "$^", "[a", "a|", "()"]
    )
    def test_it_takes_signs_of_patterns_literally__hc4(self, as_member, q):
        testing.make_user("a-b axb aab")
        assert names(as_member.get("/users/search", {"q": q})) == []
        testing.make_user(f"x {q}")
        assert names(as_member.get("/users/search", {"q": q})) == [f"x {q}"]

    def test_it_finds_a_whole_address_and_never_a_part_of_one(self, as_owner, member):
        User.objects.filter(pk=member.pk).update(email="m.mueller@example.com")
        for q in ("m.mueller@example.com", " M.Mueller@EXAMPLE.com", "ｍ.mueller@example.com"):
            assert names(as_owner.get("/users/search", {"q": q})) == ["Max"]
        for q in (
            "m.mueller@example.co",
            ".mueller@example.com",
            "mueller",
            "example.com",
            "m.mueller",
            "@example.com",
        ):
            assert names(as_owner.get("/users/search", {"q": q})) == []

    def test_it_puts_the_exact_address_first_and_then_the_newest(self, as_owner):
        first = testing.make_user("ann", email="ann@x.test")
        others = [testing.make_user(f"not ann@x.test {number}") for number in range(3)]
        found = as_owner.get("/users/search", {"q": "ann@x.test"}).json()
        assert [row["id"] for row in found] == [str(user.id) for user in (first, *reversed(others))]

    def test_it_puts_the_newest_first(self, as_owner):
        people = [testing.make_user(f"Anna {number}") for number in range(5)]
        found = as_owner.get("/users/search", {"q": "anna"}).json()
        assert [row["id"] for row in found] == [str(user.id) for user in reversed(people)]

    def test_it_leaves_out_the_caller_and_deactivated_people(self, as_owner, owner):
        gone = testing.make_user("Olga too", is_active=False)
        for q in ("olga", "ol", owner.email, gone.email):
            assert names(as_owner.get("/users/search", {"q": q})) == []

    @pytest.mark.parametrize(("limit", "count"), [(None, 20), ("1", 1), ("21", 21), ("50", 25)])
    def test_it_stops_at_the_limit(self, as_owner, limit, count):
        for number in range(25):
            testing.make_user(f"Anna {number}")
        assert len(as_owner.get("/users/search", {"q": "anna", **({"limit": limit} if limit else {})}).json()) == count

    def test_it_ignores_unknown_parameters__hc5(self, as_owner, member):
        assert names(as_owner.get("/users/search", {"q": "max", "nonsense": "1"})) == ["Max"]

    @pytest.mark.parametrize("number", [2, 20])
    @pytest.mark.parametrize(("q", "cold"), [("anna", 3), ("an", 3), ("nobody@example.com", 2)])
    def test_it_costs_at_most_three_queries_cold_and_one_less_warm(
        self, as_owner, owner, django_assert_num_queries, number, q, cold
    ):
        for count in range(number):
            testing.make_challenge(owner, testing.make_user(f"Anna {count}"))
        for queries in (cold, cold - 1):
            with django_assert_num_queries(queries):
                as_owner.get("/users/search", {"q": q})


class TestActiveChallengeInSearch:
    def found(self, api) -> str | None:
        (row,) = api.get("/users/search", {"q": "Max"}).json()
        return row["active_challenge_id"]

    def test_it_works(self, as_owner, owner, member):
        """The newest of those that are active."""
        testing.make_challenge(owner, member)
        newest = testing.make_challenge(member, owner)
        testing.make_challenge(owner, member, status="pending")
        testing.make_challenge(owner, member, status="completed")
        testing.make_challenge(owner, testing.make_user())
        testing.make_challenge(member, testing.make_user())
        assert self.found(as_owner) == str(newest.id)

    @pytest.mark.parametrize("who", ["owner", "member"])
    @pytest.mark.parametrize("status", ["pending", "left", "kicked"])
    def test_it_needs_both_as_active_members(self, as_owner, owner, member, challenge, who, status):
        person = {"owner": owner, "member": member}[who]
        Membership.objects.filter(challenge=challenge, user=person).update(status=status)
        assert self.found(as_owner) is None


class TestUserSearchInput:
    def test_it_works(self, as_owner):
        assert violations(as_owner.get("/users/search")) == [("q", "required")]

    @pytest.mark.parametrize(
        ("query", "wrong"),
        [
            ("q=", [("q", "required")]),
            ("q=a", [("q", "min_length")]),
            ("q=%20a%20", [("q", "min_length")]),
            ("q=%20%20%20", [("q", "blank")]),
            ("q=" + "a" * 51, [("q", "max_length")]),
            ("q=" + "a" * 100_000, [("q", "max_length")]),
            ("q=a%00b", [("q", "invalid")]),
            ("q=%ff%fe", [("q", "null")]),
            ("q=anna&limit=0", [("limit", "min_value")]),
            ("q=anna&limit=51", [("limit", "max_value")]),
            ("q=anna&limit=-1", [("limit", "invalid")]),
            ("q=anna&limit=abc", [("limit", "invalid")]),
            ("q=anna&limit=" + "9" * 5000, [("limit", "invalid")]),
            ("q=a&limit=0", [("q", "min_length"), ("limit", "min_value")]),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_it_refuses_bad_input__hc2_hc4(self, as_owner, query, wrong, django_assert_num_queries):
        with django_assert_num_queries(1):  # the principal
            response = as_owner.raw("GET", f"/users/search?{query}")
        assert violations(response) == wrong

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/users/search", {"q": "anna"})) == (401, "authentication_required")


class TestUserSearchPlan:
    @pytest.fixture
    def crowd(self, db):
        columns = "id, email, password, display_name, timezone, account_type, created_at, updated_at, last_seen_at"
        numbers = "current_streak, longest_streak, total_check_ins, points, total_challenges_completed, token_version"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO users ({columns}, {numbers}, is_active, is_staff, is_superuser)
                    SELECT gen_random_uuid(), 'u' || n || '@example.com', '', left(md5(n::text), 12) || ' ' || n,
                        'UTC', 'b2c', now(), now(), now(), 0, 0, 0, 0, 0, 0, true, false, false
                    FROM generate_series(1, 20000) n"""  # noqa: S608 - the columns stand above
            )
            # What a vacuum does later: rows wait beside the index until then.
            cursor.execute("SELECT gin_clean_pending_list('idx_users_display_name_trgm')")
            cursor.execute("ANALYZE users")

    def test_it_is_served_by_indexes(self, crowd, owner):
        for q in ("quirk", "qu", "u77@example.com"):
            plan = plan_of(User.objects.for_search(q, owner.id)[:20])
            assert "idx_users_display_name_trgm" in plan, plan
            assert "Seq Scan on users" not in plan, plan
            assert ("one_account_per_email" in plan) == ("@" in q), plan
