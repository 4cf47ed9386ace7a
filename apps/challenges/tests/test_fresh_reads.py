"""What is written about a challenge is read at once, by all whose answers were in the cache (contract 3.13, 9.4)."""

import pytest

from apps import testing
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import body
from apps.core.tests.freshness import everything, is_warm, watched
from apps.profiling.tests.counting import counting

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(owner, member):
    return testing.make_challenge(owner, member, is_public=True, name="March moves")


@pytest.fixture
def path(challenge):
    return f"/challenges/{challenge.id}"


@pytest.fixture
def everybody(as_owner, as_member, as_outsider):
    return as_owner, as_member, as_outsider


def listed(api, path="/challenges", field="name") -> list:
    return [row[field] for row in api.get(path).json()["challenges"]]


def discovered(api, field="name") -> list:
    return listed(api, "/challenges/discover", field)


class TestMembers:
    def test_it_works(self, everybody, as_outsider, as_owner, path):
        with watched(*everybody) as cost:
            assert as_outsider.post(f"{path}/join").status_code == 200
        assert cost.redis == 2
        assert [listed(api, field="member_count") for api in everybody] == [[3], [3], [3]]
        assert discovered(as_outsider, "my_role") == ["member"]
        assert as_owner.get("/notifications/unread/count").json() == {"count": 1}

    def test_a_join_by_code_is_seen_as_well(self, everybody, as_outsider, challenge):
        Challenge.objects.update(is_public=False)
        testing.forget()
        with watched(*everybody) as cost:
            as_outsider.post("/challenges/join", {"invite_code": challenge.invite_code})
        assert (cost.redis, listed(as_outsider)) == (2, ["March moves"])

    def test_leaving_is_seen(self, everybody, as_owner, as_member, path):
        with watched(*everybody) as cost:
            assert as_member.post(f"{path}/leave").status_code == 200
        assert (cost.redis, listed(as_member), listed(as_owner, field="member_count")) == (2, [], [1])
        assert discovered(as_member, "my_role") == [None]

    def test_a_kick_is_seen(self, everybody, as_owner, as_member, member, path):
        with watched(*everybody) as cost:
            assert as_owner.delete(f"{path}/members/{member.id}").status_code == 204
        assert (cost.redis, listed(as_member), listed(as_owner, field="member_count")) == (2, [], [1])
        assert as_member.get("/users/me/stats").json()["active_challenges"] == 0

    def test_a_rejoin_is_seen(self, everybody, as_owner, as_member, path):
        as_member.post(f"{path}/leave")
        with watched(*everybody) as cost:
            assert as_member.post(f"{path}/join").status_code == 200
        assert (cost.redis, listed(as_member), listed(as_owner, field="member_count")) == (2, ["March moves"], [2])

    def test_a_role_is_seen(self, everybody, as_owner, as_member, member, path):
        with watched(*everybody) as cost:
            assert as_owner.patch(f"{path}/members/{member.id}", {"role": "admin"}).status_code == 200
        assert (cost.redis, listed(as_member, field="my_role")) == (2, ["admin"])
        assert discovered(as_member, "my_role") == ["admin"]

    def test_a_role_is_the_targets_alone(self, everybody, as_owner, as_outsider, member, path):
        for api in everybody:
            everything(api)
        as_owner.patch(f"{path}/members/{member.id}", {"role": "admin"})
        assert is_warm(as_owner, "/challenges") and is_warm(as_outsider, "/challenges/discover")

    def test_a_pending_members_list_is_fresh_too(self, everybody, as_owner, as_outsider, outsider, challenge, path):
        testing.add_member(challenge, outsider, status="pending")
        with watched(*everybody):
            as_owner.patch(path, {"name": "April"})
        assert listed(as_outsider) == ["April"]

    @pytest.mark.parametrize("status", ["completed", "archived"])
    def test_a_pending_member_sees_how_it_ends(self, everybody, as_owner, outsider, challenge, path, status):
        testing.add_member(challenge, outsider, status="pending")
        with watched(*everybody):
            assert as_owner.patch(path, {"status": status}).status_code == 200


class TestChallenges:
    @pytest.mark.parametrize("is_public", [True, False])
    def test_it_works(self, everybody, as_owner, as_outsider, is_public):
        with watched(*everybody) as cost:
            assert as_owner.post("/challenges", body(name="New", is_public=is_public)).status_code == 201
        assert (cost.redis, listed(as_owner)) == (2, ["New"])
        assert discovered(as_outsider) == (["New"] if is_public else [])
        assert as_owner.get("/users/me/stats").json()["active_challenges"] == 1

    def test_a_private_one_is_nobody_elses(self, as_owner, as_member, challenge):
        everything(as_member)
        as_owner.post("/challenges", body(name="New"))
        assert is_warm(as_member, "/challenges") and is_warm(as_member, "/challenges/discover")

    @pytest.mark.parametrize(
        "changes",
        [{"name": "April"}, {"max_members": 20}, {"description": "x", "is_public": False}, {"status": "completed"}]
        + [{"status": "failed", "is_public": False}, {"status": "archived"}],
        ids=str,
    )
    def test_an_edit_is_seen(self, everybody, as_owner, path, changes):
        with watched(*everybody) as cost:
            assert as_owner.patch(path, changes).status_code == 200
        assert cost.redis == 2

    def test_it_appears_to_everybody_when_it_becomes_public(self, everybody, as_owner, as_outsider, path):
        Challenge.objects.update(is_public=False)
        with watched(*everybody):
            as_owner.patch(path, {"is_public": True})
        assert discovered(as_outsider) == ["March moves"]

    def test_it_disappears_when_it_becomes_private(self, everybody, as_owner, as_outsider, path):
        with watched(*everybody):
            as_owner.patch(path, {"is_public": False})
        assert discovered(as_outsider) == []

    def test_its_start_is_seen(self, everybody, as_owner, as_member, path):
        Challenge.objects.update(status="pending")
        with watched(*everybody) as cost:
            assert as_owner.patch(path, {"status": "active"}).status_code == 200
        assert (cost.redis, listed(as_member, field="status")) == (2, ["active"])
        assert as_member.get("/notifications/unread/count").json() == {"count": 1}

    def test_a_success_is_counted_in_every_members_profile(self, everybody, as_owner, as_member, path):
        Membership.objects.update(total_checkins=62)
        with watched(*everybody):
            as_owner.patch(path, {"status": "completed"})
        assert as_member.get("/users/me/stats").json()["total_challenges_completed"] == 1

    def test_archiving_is_seen(self, everybody, as_owner, as_member, as_outsider, path):
        with watched(*everybody) as cost:
            assert as_owner.delete(path).status_code == 204
        assert (cost.redis, listed(as_member), discovered(as_outsider)) == (2, [], [])

    def test_an_edit_of_a_full_challenge_is_one_expiry(self, owner, as_owner):
        crowd = [testing.make_user() for _ in range(49)]
        full = testing.make_challenge(owner, *crowd, max_members=50)
        readers = [testing.Api(user) for user in crowd]
        for api in (as_owner, *readers):
            assert len(listed(api)) == 1
        with counting() as cost:
            as_owner.patch(f"/challenges/{full.id}", {"name": "April"})
        assert cost.redis == 2
        assert {tuple(listed(api)) for api in readers} == {("April",)}


class TestRefusals:
    @pytest.mark.parametrize("changes", [{"max_members": 1}, {"status": "pending"}, {}, {"name": ""}], ids=str)
    def test_it_expires_nothing(self, everybody, as_owner, path, changes):
        for api in everybody:
            everything(api)
        assert as_owner.patch(path, changes).status_code in (400, 422)
        assert all(is_warm(api, "/challenges") and is_warm(api, "/challenges/discover") for api in everybody)

    def test_the_same_status_again_expires_nothing(self, everybody, as_owner, path):
        for api in everybody:
            everything(api)
        assert as_owner.patch(path, {"status": "active"}).status_code == 200
        assert all(is_warm(api, "/challenges") for api in everybody)

    def test_joining_twice_expires_nothing(self, everybody, as_member, path):
        for api in everybody:
            everything(api)
        assert as_member.post(f"{path}/join").status_code == 400
        assert all(is_warm(api, "/challenges") for api in everybody)


class TestHabits:
    def test_a_new_one_is_seen(self, as_owner):
        before = len(as_owner.get("/habits").json())
        with watched(as_owner):
            as_owner.post("/habits", {"name": "Cold shower"})
        assert len(as_owner.get("/habits").json()) == before + 1

    @pytest.mark.parametrize("own", [2, 20])
    def test_they_cost_one_query_warm(self, as_owner, owner, own, django_assert_num_queries):
        for _ in range(own):
            testing.make_habit(owner)
        cold = as_owner.get("/habits").json()
        with django_assert_num_queries(1):
            assert as_owner.get("/habits").json() == cold
