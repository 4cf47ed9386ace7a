import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.profiling.seeding import sizes
from apps.profiling.seeding.fill import NotEmpty
from apps.profiling.tests.small_seeds import SIZES, empty, fill


@pytest.mark.django_db
class TestSeedCommand:
    def test_it_works(self, capsys):
        call_command("seed", size="demo")
        assert User.objects.count() == 13
        assert capsys.readouterr().out.startswith("Seeded demo in ")

    def test_it_refuses_a_database_with_users(self, owner):
        with pytest.raises(CommandError, match="users already"):
            call_command("seed", size="demo")
        assert User.objects.count() == 1

    def test_with_if_empty_it_does_and_says_nothing_then(self, owner, capfd):
        call_command("seed", size="demo", if_empty=True)
        assert User.objects.count() == 1
        assert capfd.readouterr() == ("", "")

    def test_with_if_empty_it_fills_an_empty_database(self):
        call_command("seed", size="demo", if_empty=True)
        assert User.objects.count() == 13

    def test_none_is_a_size_too(self, capfd):
        call_command("seed", size="none")
        assert not User.objects.exists()
        assert capfd.readouterr() == ("", "")

    def test_it_stays_out_of_production(self, settings):
        settings.PRODUCTION = True
        with pytest.raises(CommandError, match="not in production"):
            call_command("seed", size="demo")
        assert not User.objects.exists()

    def test_of_two_at_once_the_second_waits_and_does_nothing(self):
        """fill() looks again under its lock, after the look of the command."""
        fill("demo")
        with pytest.raises(NotEmpty):
            fill("demo", number=2)
        assert User.objects.count() == 13

    def test_a_failure_leaves_nothing_behind(self, settings):
        """Notifications go in last; here they would expire after the year 9999."""
        settings.NOTIFICATION_EXPIRY_HOURS = 10**9
        with pytest.raises(ValueError, match="year"):
            call_command("seed", size="demo")
        assert not User.objects.exists()

    @pytest.mark.parametrize("size", [*SIZES, "none"])
    def test_logins_makes_a_curl_line_without_a_database(self, size, capsys, monkeypatch, django_assert_num_queries):
        monkeypatch.setenv("DAREZONE_BASE_URL", "http://127.0.0.1:8123")
        with django_assert_num_queries(0):
            call_command("seed", size=size, logins=True)
        assert "curl -s http://127.0.0.1:8123/api/v1/auth/" in capsys.readouterr().out

    def test_logins_name_accounts_that_exist(self):
        for size in SIZES:
            fill(size)
            for _, email in sizes.SIZES[size].logins:
                assert User.objects.filter(email=email).exists()
            empty()
