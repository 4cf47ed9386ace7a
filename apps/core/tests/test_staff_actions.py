"""What the actions of the staff site do by themselves; what each of them calls is tested beside its service."""

import pytest
from django.contrib.admin.models import LogEntry

from apps import testing
from apps.challenges.models import Challenge

pytestmark = pytest.mark.django_db

LIST = "/admin/challenges/challenge/"


def choose(staff, *challenges, **fields):
    keys = [str(challenge.pk) for challenge in challenges]
    return staff.post(LIST, {"action": "archive", "_selected_action": keys} | fields)


def said(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def status_of(challenge) -> str:
    return Challenge.objects.values_list("status", flat=True).get(pk=challenge.pk)


class TestAction:
    def test_it_works(self, staff, challenge):
        response = choose(staff, challenge, reason="Spam")
        assert (response.status_code, response["Location"]) == (302, LIST)
        assert status_of(challenge) == "archived"
        assert said(response) == ["1 challenge archived."]

    def test_it_asks_for_a_reason_first(self, staff, challenge):
        page = choose(staff, challenge).content.decode()
        assert "Archive?" in page and challenge.name in page and 'name="reason"' in page
        assert status_of(challenge) == "active"

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
    def test_it_takes_no_bad_reason(self, staff, challenge, reason):
        assert choose(staff, challenge, reason=reason).status_code == 200
        assert status_of(challenge) == "active"

    def test_the_audit_log_keeps_who_what_and_why(self, staff, challenge):
        choose(staff, challenge, reason="Spam")
        entry = LogEntry.objects.select_related("user").get()
        assert (entry.object_id, entry.object_repr) == (str(challenge.pk), challenge.name)
        assert (entry.change_message, entry.user.display_name) == ("Archived: Spam", "Stef")

    def test_it_is_on_the_page_of_a_row_too(self, staff, challenge):
        page = staff.get(f"{LIST}{challenge.pk}/change/").content.decode()
        assert f'href="{LIST}{challenge.pk}/archive/"' in page
        assert "Archive?" in staff.get(f"{LIST}{challenge.pk}/archive/").content.decode()
        response = staff.post(f"{LIST}{challenge.pk}/archive/", {"reason": "Spam"})
        assert (response["Location"], status_of(challenge)) == (LIST, "archived")

    @pytest.mark.parametrize("key", ["00000000-0000-0000-0000-000000000000", "x"])
    def test_an_unknown_row_is_told(self, staff, key):
        assert said(staff.post(f"{LIST}{key}/archive/", {"reason": "Spam"})) == ["Choose 1 to 50 rows that exist."]

    def test_it_takes_no_more_than_a_page_of_rows(self, staff, owner):
        challenges = [testing.make_challenge(owner) for _ in range(51)]
        assert said(choose(staff, *challenges, reason="Spam")) == ["Choose 1 to 50 rows that exist."]
        assert not Challenge.objects.filter(status="archived").exists()

    def test_whoever_may_only_look_may_not_act(self, challenge):
        browser = testing.staff_client(is_superuser=False)
        assert browser.get(f"{LIST}{challenge.pk}/archive/").status_code == 403
        assert choose(browser, challenge, reason="Spam").status_code == 403
        assert status_of(challenge) == "active"

    def test_it_costs_the_same_to_ask_for_2_rows_and_for_20(self, staff, owner, django_assert_num_queries):
        challenges = [testing.make_challenge(owner) for _ in range(20)]
        for count in (2, 20):
            with django_assert_num_queries(5):  # session, user, what the list would estimate and count, rows
                choose(staff, *challenges[:count])


class TestRefusal:
    def test_it_is_shown_and_the_others_go_on(self, staff, challenge, owner, member):
        rows = list(challenge.memberships.order_by("role"))
        response = staff.post(
            "/admin/challenges/membership/",
            {"action": "kick", "_selected_action": [str(row.pk) for row in rows], "reason": "Insults"},
        )
        refusal = f"{owner.email} in {challenge.name}: The creator cannot be removed."
        assert said(response) == ["1 membership kicked.", refusal]

    def test_it_leaves_no_entry_in_the_audit_log(self, staff, challenge):
        creator = challenge.memberships.get(role="creator")
        staff.post(f"/admin/challenges/membership/{creator.pk}/kick/", {"reason": "Insults"})
        assert not LogEntry.objects.exists()
