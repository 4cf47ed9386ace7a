import pytest
from django.urls import reverse

from apps import testing
from apps.core.site import CONTENT_SECURITY_POLICY

pytestmark = pytest.mark.django_db


class TestHeaders:
    @pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/login/"])
    def test_no_page_goes_into_a_frame_or_loads_from_elsewhere(self, staff, client, path):
        response = (client if "login" in path else staff).get(path)
        assert response.status_code == 200
        assert response["X-Frame-Options"] == "DENY"
        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY

    def test_the_api_has_its_own(self, as_member):
        response = as_member.get("/users/me")
        assert response["X-Frame-Options"] == "DENY"
        assert "Content-Security-Policy" not in response


class TestMenu:
    def test_it_leads_to_every_list(self, staff):
        page = staff.get("/admin/").content.decode()
        for name in ("accounts_user", "challenges_challenge", "checkins_checkin", "admin_logentry"):
            assert f'href="{reverse(f"admin:{name}_changelist")}"' in page

    def test_it_leads_only_to_what_one_may_see(self):
        browser = testing.staff_client(is_superuser=False)
        page = browser.get("/admin/").content.decode()
        assert "/admin/accounts/user/" not in page and "Dashboard" in page

    @pytest.mark.parametrize(("docs", "shown"), [(True, True), (False, False)])
    def test_it_leads_to_the_documentation_where_there_is_one(self, staff, settings, docs, shown):
        settings.ENABLE_DOCS = docs
        assert ("API documentation" in staff.get("/admin/").content.decode()) is shown


class TestSearch:
    def test_it_finds_pages_by_name(self, staff, django_assert_num_queries):
        with django_assert_num_queries(2):  # session and user: no row is looked for
            page = staff.get("/admin/search/", {"s": "notif"}).content.decode()
        assert 'href="/admin/notifications/notification/"' in page
        assert "/admin/accounts/user/" not in page

    @pytest.mark.parametrize("text", ["", "zzz", "%\x00"])
    def test_it_finds_nothing(self, staff, text):
        response = staff.get("/admin/search/", {"s": text})
        assert response.status_code == 200 and "<a " not in response.content.decode()

    def test_it_is_closed_to_others(self, client):
        assert client.get("/admin/search/?s=user").status_code == 302
