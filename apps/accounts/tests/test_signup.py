from functools import partial

import pytest

from apps import testing
from apps.accounts.models import Session, User
from apps.accounts.tests.people import at_once, bearing, is_live, outcome, violations
from apps.testing import Api

GOOD = {"email": "ann@example.com", "password": "corr3ct horse"}


@pytest.mark.django_db
class TestSignup:
    def test_it_works(self, anonymous):
        response = anonymous.post("/auth/signup", GOOD)
        assert response.status_code == 201
        tokens = response.json()
        user = User.objects.get()
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
        assert tokens["user"] == {
            "id": str(user.id),
            "email": "ann@example.com",
            "full_name": None,
            "display_name": "ann",
            "avatar_url": None,
            "bio": None,
            "timezone": "UTC",
            "account_type": "b2c",
            "stats": {
                "current_streak": 0,
                "longest_streak": 0,
                "total_check_ins": 0,
                "total_challenges_completed": 0,
                "points": 0,
            },
            "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
        }
        assert bearing(tokens["access_token"]).get("/auth/me").json() == tokens["user"]

    def test_it_stores_an_argon2id_hash_and_neither_password_nor_refresh_token(self, anonymous):
        refresh = anonymous.post("/auth/signup", GOOD).json()["refresh_token"]
        assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert refresh not in (Session.objects.get().refresh_hash, Session.objects.get().previous_refresh_hash)

    def test_it_takes_the_optional_fields(self, anonymous):
        optional = {"full_name": " Ann  Lee ", "display_name": "Änn", "timezone": "Asia/Ho_Chi_Minh"}
        user = anonymous.post("/auth/signup", GOOD | optional).json()["user"]
        assert (user["full_name"], user["display_name"], user["timezone"]) == ("Ann  Lee", "Änn", "Asia/Ho_Chi_Minh")

    def test_it_takes_null_for_absent(self, anonymous):
        nothing = {"full_name": None, "display_name": None, "timezone": None}
        user = anonymous.post("/auth/signup", GOOD | nothing).json()["user"]
        assert (user["full_name"], user["display_name"], user["timezone"]) == (None, "ann", "UTC")

    def test_it_names_people_after_their_address_cut_to_50(self, anonymous):
        user = anonymous.post("/auth/signup", GOOD | {"email": "a" * 51 + "@example.com"}).json()["user"]
        assert user["display_name"] == "a" * 50

    def test_it_stores_the_address_in_its_normal_form(self, anonymous):
        user = anonymous.post("/auth/signup", GOOD | {"email": " Ann@BÜCHER.Test"}).json()["user"]
        assert user["email"] == "ann@xn--bcher-kva.test"

    def test_it_never_trims_the_password(self, anonymous):
        anonymous.post("/auth/signup", GOOD | {"password": " corr3ct horse "})
        trimmed, typed = (
            anonymous.post("/auth/login", GOOD | {"password": password})
            for password in ("corr3ct horse", " corr3ct horse ")
        )
        assert (trimmed.status_code, typed.status_code) == (401, 200)

    def test_it_ignores_fields_that_are_not_for_clients__hc14(self, anonymous):
        extra = {"id": testing.HABITS[0], "points": 9, "is_staff": True, "is_superuser": True, "account_type": "b2b"}
        tokens = anonymous.post("/auth/signup", GOOD | extra).json()
        user = User.objects.get()
        assert (user.points, user.is_staff, user.is_superuser, user.account_type) == (0, False, False, "b2c")
        assert tokens["user"]["id"] != str(testing.HABITS[0])

    def test_it_ignores_a_stale_token(self):
        assert bearing("stale").post("/auth/signup", GOOD).status_code == 201

    def test_it_costs_two_queries(self, anonymous, django_assert_num_queries):
        with django_assert_num_queries(2):
            anonymous.post("/auth/signup", GOOD)


@pytest.mark.django_db
class TestSignupInput:
    def test_it_works(self, anonymous):
        response = anonymous.post("/auth/signup", {})
        assert violations(response) == [("email", "required"), ("password", "required")]

    @pytest.mark.parametrize(
        ("email", "type"),
        [
            (None, "null"),
            (7, "invalid"),
            ("", "blank"),
            ("  ", "blank"),
            ("ann", "invalid"),
            ("ann@example", "invalid"),
            ("jürgen@example.com", "invalid"),
            ("a" * 243 + "@example.com", "max_length"),
            ("a" * 236 + "@bücher.example", "max_length"),
            ("a" * 2**20, "max_length"),
        ],
    )
    def test_it_refuses_what_is_no_address(self, anonymous, email, type):
        assert violations(anonymous.post("/auth/signup", GOOD | {"email": email})) == [("email", type)]

    def test_it_refuses_nul_in_an_address__hc24(self, anonymous):
        response = anonymous.post("/auth/signup", GOOD | {"email": "an\0n@example.com"})
        assert violations(response) == [("email", "invalid")]

    @pytest.mark.parametrize(
        ("password", "type"),
        [
            (None, "null"),
            (12345678, "invalid"),
            ("", "min_length"),
            ("seven 7", "min_length"),
            ("x" * 129, "max_length"),
            ("9" * 12, "weak_password"),
            ("٣٤٥٦٧٨٩٠", "weak_password"),  # Arabic digits
            ("Password1", "weak_password"),
            ("ANN@example.com", "weak_password"),
            ("nul\0 in it", "invalid"),
        ],
    )
    def test_it_refuses_weak_passwords(self, anonymous, password, type):
        assert violations(anonymous.post("/auth/signup", GOOD | {"password": password})) == [("password", type)]

    @pytest.mark.parametrize("password", ["8 letter", "x" * 128, "密码密码密码密码", "        "])
    def test_it_takes_every_other_password(self, anonymous, password):
        assert anonymous.post("/auth/signup", GOOD | {"password": password}).status_code == 201

    def test_it_refuses_a_password_of_a_megabyte__hc24(self, anonymous):
        response = anonymous.post("/auth/signup", GOOD | {"password": "x" * 2**20})
        assert violations(response) == [("password", "max_length")]

    def test_it_refuses_a_lone_surrogate_in_a_password__hc11(self, anonymous):
        body = b'{"email": "ann@example.com", "password": "secret \\ud800 word"}'
        assert violations(anonymous.raw("POST", "/auth/signup", body)) == [("password", "invalid")]

    @pytest.mark.parametrize("password", ["annabelle.lee", "AnnaBelle.Lee", "annabelle.lee@example.com"])
    def test_it_refuses_the_address_as_password(self, anonymous, password):
        response = anonymous.post("/auth/signup", {"email": "Annabelle.Lee@example.com", "password": password})
        assert violations(response) == [("password", "weak_password")]

    def test_it_refuses_the_address_as_it_was_typed(self, anonymous):
        response = anonymous.post("/auth/signup", {"email": "ann@bücher.test", "password": "Ann@Bücher.test"})
        assert violations(response) == [("password", "weak_password")]

    def test_it_reports_the_address_as_password_beside_everything_else(self, anonymous):
        body = {"email": "no-address", "password": "No-Address", "timezone": "Mars/Base", "display_name": 7}
        assert set(violations(anonymous.post("/auth/signup", body))) == {
            ("email", "invalid"),
            ("password", "weak_password"),
            ("timezone", "invalid"),
            ("display_name", "invalid"),
        }

    @pytest.mark.parametrize(
        "timezone",
        [
            "../../etc/passwd",
            "localtime",
            "Factory",
            "posixrules",
            "europe/berlin",
            "Europe/Berlin ",
            "",
            "x" * 5000,
            7,
        ],
    )
    def test_it_refuses_a_timezone_that_is_none__hc16(self, anonymous, timezone):
        response = anonymous.post("/auth/signup", GOOD | {"timezone": timezone})
        assert [field for field, _ in violations(response)] == ["timezone"]

    @pytest.mark.parametrize(
        ("name", "type"),
        [
            ("", "blank"),
            (" \u200b ", "blank"),
            ("tab\there", "invalid"),
            ("a\u202eb", "invalid"),
            ("x" * 51, "max_length"),
            (True, "invalid"),
            (["x"], "invalid"),
        ],
    )
    def test_it_refuses_a_display_name_that_is_none__hc11(self, anonymous, name, type):
        response = anonymous.post("/auth/signup", GOOD | {"display_name": name})
        assert violations(response) == [("display_name", type)]

    def test_it_makes_no_query_and_no_row_for_bad_input(self, anonymous, django_assert_num_queries):
        with django_assert_num_queries(0):
            anonymous.post("/auth/signup", GOOD | {"full_name": ""})


@pytest.mark.django_db(transaction=True)
class TestSignupTwice:
    def test_it_works(self):
        assert Api().post("/auth/signup", GOOD).status_code == 201
        assert outcome(Api().post("/auth/signup", GOOD)) == (409, "email_taken")
        assert (User.objects.count(), Session.objects.count()) == (1, 1)

    @pytest.mark.parametrize("email", ["ANN@Bücher.TEST", "ann@bu\u0308cher.test", "ａｎｎ@xn--bcher-kva.test"])
    def test_it_knows_an_address_in_other_letters__hc25(self, email):
        testing.make_user(email="ann@xn--bcher-kva.test")
        assert outcome(Api().post("/auth/signup", GOOD | {"email": email})) == (409, "email_taken")

    def test_it_knows_the_address_of_a_deactivated_account(self):
        testing.make_user(email="ann@example.com", is_active=False)
        assert outcome(Api().post("/auth/signup", GOOD)) == (409, "email_taken")

    @pytest.mark.races
    def test_it_makes_one_account_of_many_at_once(self):
        for number in range(5):
            body = GOOD | {"email": f"ann{number}@example.com"}
            answers = at_once(*[partial(Api().post, "/auth/signup", body) for _ in range(6)])
            assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
            (tokens,) = (answer.json() for answer in answers if answer.status_code == 201)
            assert is_live(tokens["access_token"])
        assert (User.objects.count(), Session.objects.count()) == (5, 5)
