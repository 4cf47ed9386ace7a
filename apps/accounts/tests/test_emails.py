import pytest

from apps.accounts import emails


class TestNormalForm:
    def test_it_works(self):
        assert emails.normal_form(" Ann@Example.COM ") == "ann@example.com"

    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
            ("ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"),  # decomposed
            ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),  # full width
            ("ann@straße.example", "ann@xn--strae-oqa.example"),
            ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
            ("\u212aim@example.com", "kim@example.com"),  # the Kelvin sign
        ],
    )
    def test_it_gives_every_spelling_one_form(self, typed, stored):
        assert emails.normal_form(typed) == stored
        assert emails.normal_form(stored) == stored

    @pytest.mark.parametrize("text", ["", "@", "no address", "a@", "@b", "a@ü..de", "a@" + "ü" * 300, "a@\u0300b"])
    def test_it_takes_text_that_is_no_address(self, text):
        assert emails.normal_form(text) == emails.normal_form(emails.normal_form(text))


class TestIsAddress:
    @pytest.mark.parametrize("address", ["ann@example.test", "a+b.c@sub.example.com", "o'neil@x.io", "ann@localhost"])
    def test_it_takes_any_domain(self, address):
        assert emails.is_address(address)

    @pytest.mark.parametrize(
        "text",
        ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@example", "ann@exa_mple.com", "ann@-x.com",
         "a@b@c.com", "ann@example.com.", "jürgen@example.com", ".ann@example.com", "ann@example..com"],
    )  # fmt: skip
    def test_it_refuses_what_is_no_address(self, text):
        assert not emails.is_address(text)

    def test_it_stops_at_254_characters(self):
        assert emails.is_address("a" * 242 + "@example.com")
        assert not emails.is_address("a" * 243 + "@example.com")
