import pytest

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Challenge
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
PATH = "/challenges/discover"


def make(owner, *names, **columns):
    """Public challenges, the first one newest."""
    for position, name in enumerate(names):
        columns = {"is_public": True} | columns
        testing.make_challenge(owner, name=name, created_at=TODAY - position * DAY, **columns)


def found(api, **query):
    response = api.get(PATH, query)
    assert response.status_code == 200, response.content
    return [challenge["name"] for challenge in response.json()["challenges"]]


class TestDiscover:
    def test_it_works(self, as_outsider, as_owner, owner):
        challenge = testing.make_challenge(owner, is_public=True)
        answer = as_outsider.get(PATH).json()
        (item,) = answer.pop("challenges")
        assert answer == {"total": 1, "page": 1, "limit": 20, "pages": 1, "next_cursor": None}
        (mine,) = as_owner.get("/challenges").json()["challenges"]
        assert item == mine | {"invite_code": None, "my_role": None, "my_status": None}
        assert item["id"] == str(challenge.id)

    def test_it_is_empty_where_nothing_is_public(self, as_outsider, challenge):
        empty = {"challenges": [], "total": 0, "page": 1, "limit": 20, "pages": 0, "next_cursor": None}
        assert as_outsider.get(PATH).json() == empty

    def test_it_tells_members_their_role_and_nobody_the_code(self, owner):
        challenge = testing.make_challenge(owner, is_public=True)
        seen = [self.mine(owner)]
        for status in ("active", "pending", "left", "kicked"):
            user = testing.make_user()
            testing.add_member(challenge, user, status=status)
            seen.append(self.mine(user))
        stranger = (None, None, None)
        expected = [("creator", "active", None), ("member", "active", None), ("member", "pending", None)]
        assert seen == [*expected, stranger, stranger]

    def mine(self, user):
        (item,) = testing.Api(user).get(PATH).json()["challenges"]
        return item["my_role"], item["my_status"], item["invite_code"]

    def test_it_shows_what_is_pending_or_active_unless_asked(self, as_outsider, owner):
        for status in ("pending", "active", "completed", "failed", "archived"):
            make(owner, status, status=status)
        assert sorted(found(as_outsider)) == ["active", "pending"]
        for status in ("pending", "active", "completed", "failed"):
            assert found(as_outsider, status_filter=status) == [status]

    @pytest.mark.parametrize("status", ["archived", "done", "ACTIVE"])
    def test_it_refuses_other_statuses(self, as_outsider, status):
        assert violations(as_outsider.get(PATH, {"status_filter": status})) == [("status_filter", "invalid_choice")]

    def test_it_is_newest_first_and_by_id_at_the_same_moment(self, as_outsider, owner):
        made = [testing.make_challenge(owner, is_public=True, created_at=TODAY - day * DAY) for day in (0, 1, 0, 0)]
        expected = sorted(made, key=lambda challenge: (challenge.created_at, challenge.id), reverse=True)
        assert found(as_outsider) == [challenge.name for challenge in expected]

    def test_it_knows_no_organization_yet(self, as_outsider, owner, django_assert_num_queries):
        make(owner, "public")
        with django_assert_num_queries(1):
            assert found(as_outsider, scope="organization") == []
        assert found(as_outsider, scope="public") == ["public"]
        assert violations(as_outsider.get(PATH, {"scope": "all"})) == [("scope", "invalid_choice")]

    def test_it_shows_the_streak_as_of_the_viewers_day(self, owner, as_outsider):
        make(owner, "x", current_streak=4, last_checkin_date=TODAY.date() - DAY)
        east = testing.Api(testing.make_user(timezone="Pacific/Kiritimati"))
        shown = [api.get(PATH).json()["challenges"][0]["current_streak"] for api in (as_outsider, east)]
        assert shown == [4, 0]

    def test_it_is_get_only(self, as_outsider):
        response = as_outsider.post(PATH, {})
        assert outcome(response) == (405, "method_not_allowed")
        assert response["Allow"] == "GET, HEAD, OPTIONS"


class TestSearch:
    def test_it_finds_a_part_of_the_name_whatever_its_case(self, as_outsider, owner):
        make(owner, "March moves", "Yoga", "In MARCH", "Tramarch run")
        assert found(as_outsider, search="mArCh") == ["March moves", "In MARCH", "Tramarch run"]
        assert found(as_outsider, search="  rch  mo ") == []
        assert found(as_outsider, search="rch mo") == ["March moves"]

    def test_it_finds_two_characters_at_the_start_of_a_word(self, as_outsider, owner):
        make(owner, "Morning run", "Go mountain", "Tomorrow", "run-mode", "(Mo)", "\u00c9mo", "MO")
        expected = ["Morning run", "Go mountain", "run-mode", "(Mo)", "MO"]
        assert found(as_outsider, search="mo") == expected

    @pytest.mark.parametrize(
        "text", ["%", "_", "\\", "%%", "__", "\\\\", "a%", "100%", "a_b", "c\\d", ".*", "[a", "(^"]
    )
    def test_it_takes_every_character_as_it_is__hc4(self, as_outsider, owner, text):
        make(owner, "plain abcd", "100% a_b c\\d .* [a] (^) a%a __ %% \\\\")
        if len(text) < 2:
            assert violations(as_outsider.get(PATH, {"search": text})) == [("search", "min_length")]
        else:
            assert found(as_outsider, search=text) == ["100% a_b c\\d .* [a] (^) a%a __ %% \\\\"]

    @pytest.mark.parametrize(
        ("text", "type"),
        [("a", "min_length"), ("x" * 101, "max_length"), ("x" * 60_000, "max_length"), ("a\x00b", "invalid")],
    )
    def test_it_refuses__hc4(self, as_outsider, text, type, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert violations(as_outsider.get(PATH, {"search": text})) == [("search", type)]

    def test_it_refuses_bytes_that_are_no_text__hc4(self, as_outsider):
        assert violations(as_outsider.get(PATH + "?search=%ff%fe")) == [("search", "null")]

    def test_it_keeps_to_the_status_and_to_what_is_public(self, as_outsider, owner):
        make(owner, "March 1", status="completed")
        make(owner, "March 2", is_public=False)
        make(owner, "March 3")
        assert found(as_outsider, search="march") == ["March 3"]
        assert found(as_outsider, search="march", status_filter="completed") == ["March 1"]

    def test_it_is_newest_first(self, as_outsider, owner):
        make(owner, *(f"March {number}" for number in range(5)))
        pages = [found(as_outsider, search="march", limit=2, page=page) for page in (1, 2, 3)]
        assert pages == [["March 0", "March 1"], ["March 2", "March 3"], ["March 4"]]

    def test_an_empty_one_counts_as_absent__hc5(self, as_outsider, owner):
        make(owner, "x")
        assert found(as_outsider, search="", cursor="", unknown="1") == ["x"]


class TestCursor:
    @pytest.mark.parametrize("query", [{}, {"search": "march"}, {"status_filter": "active"}])
    def test_it_walks_everything_once(self, as_outsider, owner, query):
        made = [f"March {number}" for number in range(7)]
        for number, name in enumerate(made):  # three of one moment, then three of another
            testing.make_challenge(owner, name=name, is_public=True, created_at=TODAY - number // 3 * DAY)
        answer, walked = as_outsider.get(PATH, query | {"limit": 2}).json(), []
        while True:
            walked += [challenge["name"] for challenge in answer["challenges"]]
            if not answer["next_cursor"]:
                break
            answer = as_outsider.get(PATH, query | {"limit": 2, "cursor": answer["next_cursor"]}).json()
            assert (answer["total"], answer["page"], answer["pages"], answer["limit"]) == (None, None, None, 2)
        newest = Challenge.objects.order_by("-created_at", "-id").values_list("name", flat=True)
        assert walked == list(newest) and len(walked) == 7

    def test_it_neither_repeats_nor_skips_when_one_is_added(self, as_outsider, owner):
        make(owner, "a", "b", "c")
        first = as_outsider.get(PATH, {"limit": 1}).json()
        testing.make_challenge(owner, name="new", is_public=True, created_at=TODAY + DAY)
        assert found(as_outsider, cursor=first["next_cursor"], page=9) == ["b", "c"]

    @pytest.mark.parametrize("cursor", ["x", "a:b", "x" * 513, "x" * 60_000, "é", "\x00"])
    def test_it_refuses_what_it_did_not_give__hc3(self, as_outsider, cursor):
        response = as_outsider.get(PATH, {"cursor": cursor})
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["query", "cursor"]

    @pytest.mark.parametrize(("name", "length"), [("cursor", 1_000_000), ("search", 100_000)])
    def test_it_refuses_what_makes_the_address_itself_too_long__hc3_hc4(self, as_outsider, name, length):
        assert as_outsider.get(PATH, {name: "x" * length}).status_code in (414, 422)

    def test_it_refuses_a_cursor_that_was_changed_or_is_anothers__hc3(self, as_outsider, owner):
        make(owner, "a", "b")
        cursor = as_outsider.get(PATH, {"limit": 1}).json()["next_cursor"]
        foreign = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
        for wrong in (foreign, cursor[:-5], cursor + "x"):
            assert as_outsider.get(PATH, {"cursor": wrong}).status_code == 422
        assert as_outsider.get("/checkins", {"cursor": cursor}).status_code == 422


class TestAccessAndCost:
    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get(PATH)) == (401, "authentication_required")

    @pytest.mark.parametrize("count", [2, 20])
    @pytest.mark.parametrize(
        ("query", "warm"), [({}, 0), ({"status_filter": "active"}, 0), ({"search": "march"}, 2), ({"search": "ma"}, 2)]
    )
    def test_it_costs_three_queries_and_warm_none_or_with_a_search_two(
        self, as_outsider, owner, outsider, count, query, warm, django_assert_num_queries
    ):
        self.make(owner, outsider, count)
        for queries in (3, warm):
            with django_assert_num_queries(queries):
                assert len(found(as_outsider, **query)) == count

    @pytest.mark.parametrize("count", [2, 20])
    @pytest.mark.parametrize("query", [{}, {"search": "march"}, {"search": "ma"}, {"status_filter": "active"}])
    def test_it_costs_two_queries_by_cursor_and_one_warm(
        self, as_outsider, owner, outsider, count, query, django_assert_num_queries
    ):
        self.make(owner, outsider, count)
        cursor = as_outsider.get(PATH, query | {"limit": 1}).json()["next_cursor"]
        testing.forget()
        for queries in (2, 1):
            with django_assert_num_queries(queries):
                assert len(found(as_outsider, cursor=cursor, **query)) == count - 1

    @pytest.mark.parametrize("count", [2, 20])
    def test_the_page_of_one_viewer_costs_the_next_one_two_queries(
        self, as_outsider, as_member, owner, outsider, count, django_assert_num_queries
    ):
        self.make(owner, outsider, count)
        found(as_outsider)
        with django_assert_num_queries(2):
            assert len(found(as_member)) == count

    def make(self, owner, member, count):
        for _ in range(count):
            testing.make_challenge(owner, member, name="March", is_public=True)
