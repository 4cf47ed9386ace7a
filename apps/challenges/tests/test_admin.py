import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership

CHALLENGES, HABITS, LINKS, MEMBERS = (
    f"/admin/challenges/{model}/" for model in ("challenge", "habit", "challengehabit", "membership")
)

pytestmark = pytest.mark.django_db


def found(staff, listing: str, text: str) -> list:
    return list(staff.get(listing, {"q": text}).context["cl"].result_list)


class TestChallenges:
    def edit(self, staff, challenge, **changes):
        values = {"name": challenge.name, "max_members": 10, "description": ""}
        return staff.post(f"{CHALLENGES}{challenge.pk}/change/", values | changes)

    def test_it_works(self, staff, challenge):
        self.edit(staff, challenge, name="March moves", description="one\r\ntwo", is_public="on", max_members=5)
        challenge = Challenge.objects.get(pk=challenge.pk)
        assert (challenge.name, challenge.description) == ("March moves", "one\ntwo")
        assert (challenge.is_public, challenge.max_members) == (True, 5)

    def test_it_writes_only_what_changed(self, staff, challenge):
        with CaptureQueriesContext(connection) as captured:
            self.edit(staff, challenge, name="March moves")
        updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
        assert len(updates) == 1
        assert updates[0].split(" SET ")[1].count("=") == 3  # name, updated_at, and the id it is for

    def test_an_empty_description_is_null(self, staff, challenge):
        self.edit(staff, challenge, name="March moves")
        assert Challenge.objects.get(pk=challenge.pk).description is None

    @pytest.mark.parametrize(
        ("field", "value"),
        [("status", "archived"), ("member_count", 1), ("type", "group"), ("end_date", "2030-01-01")]
        + [("invite_code", "ZZZZZZ"), ("current_streak", 9), ("completion_rate", 5), ("checkin_type", "any")],
    )
    def test_what_services_move_or_creation_fixes_stays(self, staff, challenge, field, value):
        before = Challenge.objects.values(field).get(pk=challenge.pk)
        self.edit(staff, challenge, name="March moves", **{field: value})
        assert Challenge.objects.values(field).get(name="March moves") == before

    @pytest.mark.parametrize("places", [1, 0, 51, "x"])
    def test_it_refuses_too_few_or_too_many_places(self, staff, challenge, places):
        response = self.edit(staff, challenge, max_members=places)
        assert "max_members" in response.context["adminform"].form.errors

    def test_it_shows_its_habits_by_their_names_here(self, staff, challenge):
        ChallengeHabit.objects.filter(challenge=challenge, display_order=0).update(custom_name="Stretch")
        page = staff.get(f"{CHALLENGES}{challenge.pk}/change/").content.decode()
        assert page.index(">Stretch</a>") < page.index(">Drink Water</a>")

    @pytest.mark.parametrize("text", ["{name}", "{code}", "{lower}", "{pk}", "{owner.pk}", "{owner.email}", "mor"])
    def test_it_is_found(self, staff, owner, member, text):
        challenge = testing.make_challenge(owner, name="Morning pages", invite_code="QWERTY", is_public=True)
        testing.make_challenge(member, name="Cold showers", invite_code="ASDFGH")
        words = {"name": "RNING PA", "code": "QWERTY", "lower": "qwerty", "pk": challenge.pk, "owner": owner}
        assert found(staff, CHALLENGES, text.format(**words)) == [challenge]

    def test_a_name_of_six_letters_is_found_although_it_could_be_a_code(self, staff, owner):
        challenge = testing.make_challenge(owner, name="A sunset walk", is_public=True)
        assert found(staff, CHALLENGES, "sunset") == [challenge]

    def test_it_is_filtered_by_status(self, staff, challenge):
        assert staff.get(CHALLENGES, {"status__exact": "active"}).context["cl"].result_count == 1
        assert staff.get(CHALLENGES, {"status__exact": "failed"}).context["cl"].result_count == 0

    def test_it_is_neither_made_nor_deleted_here(self, staff, challenge):
        assert staff.post(f"{CHALLENGES}add/", {"name": "x"}).status_code == 403
        assert staff.post(f"{CHALLENGES}{challenge.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestPlacesRace:
    def test_it_never_takes_away_the_place_of_somebody_who_joins(self):
        """Staff cut the places to the members there are, while the next one joins: one of the two fails."""
        owner, guest = testing.make_user("Olga"), testing.make_user("Gus")
        staff, as_guest = testing.staff_client(), testing.Api(guest)
        for _ in range(5):
            challenge = testing.make_challenge(owner, is_public=True, max_members=2)
            start, codes = threading.Barrier(2), {}

            def run(name, request, start=start, codes=codes):
                try:
                    start.wait()
                    codes[name] = request().status_code
                finally:
                    connection.close()

            page, fields = f"{CHALLENGES}{challenge.pk}/change/", {"name": "x", "max_members": 1, "is_public": "on"}
            requests = {
                "staff": lambda page=page, fields=fields: staff.post(page, fields),
                "guest": lambda challenge=challenge: as_guest.post(f"/challenges/{challenge.pk}/join"),
            }
            threads = [threading.Thread(target=run, args=item) for item in requests.items()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert codes in ({"staff": 302, "guest": 400}, {"staff": 200, "guest": 200})


class TestHabits:
    SYSTEM = testing.HABITS[0]

    def test_it_works(self, staff):
        url = f"{HABITS}{self.SYSTEM}/change/"
        staff.post(url, {"name": "Morning Walk", "icon": "", "category": "health", "description": "Go."})
        habit = Habit.objects.get(pk=self.SYSTEM)
        assert (habit.name, habit.icon, habit.is_system, habit.created_by_id) == ("Morning Walk", None, True, None)

    def test_a_new_one_belongs_to_the_system(self, staff, as_member):
        staff.post(f"{HABITS}add/", {"name": "Cold shower", "icon": "🚿", "is_system": ""})
        habit = Habit.objects.get(name="Cold shower")
        assert (habit.is_system, habit.created_by_id) == (True, None)
        assert str(habit.pk) in [row["id"] for row in as_member.get("/habits").json()]

    def test_a_users_own_is_only_looked_at(self, staff, member):
        habit = testing.make_habit(member)
        assert staff.get(f"{HABITS}{habit.pk}/change/").status_code == 200
        assert staff.post(f"{HABITS}{habit.pk}/change/", {"name": "x"}).status_code == 403

    def test_none_is_deleted(self, staff):
        assert staff.post(f"{HABITS}{self.SYSTEM}/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("text", ["{owner.email}", "{owner.pk}", "{pk}"])
    def test_it_is_found(self, staff, owner, text):
        habit = testing.make_habit(owner, name="Practise piano")
        assert found(staff, HABITS, text.format(owner=owner, pk=habit.pk)) == [habit]

    def test_by_a_part_of_the_name_those_of_the_system_are(self, staff, owner):
        """An index on all names is none that the contract knows."""
        testing.make_habit(owner, name="Water the plants")
        assert [habit.name for habit in found(staff, HABITS, "water")] == ["Drink Water"]

    def test_those_of_the_system_come_first(self, staff, member):
        testing.make_habit(member)
        listed = staff.get(HABITS).context["cl"].result_list
        assert [habit.is_system for habit in listed] == [True] * 10 + [False]


class TestChallengeHabits:
    def test_it_works(self, staff, challenge, as_member):
        link = ChallengeHabit.objects.filter(challenge=challenge).first()
        fields = {"custom_name": "Stretch", "custom_icon": "🤸", "custom_description": "", "display_order": 7}
        staff.post(f"{LINKS}{link.pk}/change/", fields | {"habit": str(testing.HABITS[8])})
        changed = ChallengeHabit.objects.get(pk=link.pk)
        assert (changed.custom_name, changed.custom_icon, changed.custom_description) == ("Stretch", "🤸", None)
        assert (changed.display_order, changed.habit_id) == (link.display_order, link.habit_id)

    def test_its_challenge_keeps_its_habits(self, staff, challenge):
        link = ChallengeHabit.objects.filter(challenge=challenge).first()
        assert staff.post(f"{LINKS}add/", {"display_order": 3}).status_code == 403
        assert staff.post(f"{LINKS}{link.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_it_is_found_by_its_challenge(self, staff, challenge, owner):
        testing.make_challenge(owner, name="Cold showers", is_public=True)
        Challenge.objects.filter(pk=challenge.pk).update(is_public=True)
        for text in (challenge.name, str(challenge.pk)):
            assert {link.challenge_id for link in found(staff, LINKS, text)} == {challenge.pk}

    def test_it_is_filtered_by_having_a_name_of_its_own(self, staff, challenge):
        ChallengeHabit.objects.filter(challenge=challenge, display_order=0).update(custom_name="Stretch")
        assert staff.get(LINKS, {"custom_name__isempty": "0"}).context["cl"].result_count == 1


class TestMemberships:
    @pytest.fixture
    def membership(self, challenge, member):
        return Membership.objects.get(challenge=challenge, user=member)

    @pytest.mark.parametrize("text", ["{user.email}", "{user.pk}", "{user.display_name}", "{pk}"])
    def test_it_is_found(self, staff, membership, member, text):
        assert found(staff, MEMBERS, text.format(user=member, pk=membership.pk)) == [membership]

    def test_it_is_found_by_its_challenge(self, staff, membership, challenge, outsider):
        testing.make_challenge(outsider)
        assert len(found(staff, MEMBERS, str(challenge.pk))) == 2

    def test_only_services_write_it(self, staff, membership):
        fields = {"status": "left", "role": "admin", "points_earned": 5}
        assert staff.post(f"{MEMBERS}{membership.pk}/change/", fields).status_code == 403
        assert staff.post(f"{MEMBERS}add/", fields).status_code == 403
        assert staff.post(f"{MEMBERS}{membership.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_kicking_keeps_the_count_and_is_final(self, staff, membership, challenge, as_member):
        staff.post(f"{MEMBERS}{membership.pk}/kick/", {"reason": "Insults"})
        kicked = Membership.objects.get(pk=membership.pk)
        assert (kicked.status, kicked.left_at is not None) == ("kicked", True)
        assert Challenge.objects.get(pk=challenge.pk).member_count == 1
        assert as_member.post("/challenges/join", {"invite_code": challenge.invite_code}).status_code == 403

    def test_staff_may_kick_an_admin_too(self, staff, membership):
        Membership.objects.filter(pk=membership.pk).update(role="admin")
        staff.post(f"{MEMBERS}{membership.pk}/kick/", {"reason": "Insults"})
        assert Membership.objects.get(pk=membership.pk).status == "kicked"


class TestArchive:
    def test_its_members_see_it_at_once(self, staff, challenge, as_member):
        assert as_member.get("/challenges").json()["total"] == 1
        staff.post(f"{CHALLENGES}{challenge.pk}/archive/", {"reason": "Spam"})
        assert as_member.get("/challenges").json()["total"] == 0
        assert Challenge.objects.get(pk=challenge.pk).status == "archived"
