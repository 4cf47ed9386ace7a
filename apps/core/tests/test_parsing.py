import json
import unicodedata

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from apps.core import fields, parsing, queries
from apps.core.errors import ApiError, Invalid

ID = "0190f3a2-7c44-7e6a-9a43-0123456789ab"


class Shape(serializers.Serializer):
    name = fields.Text(name=True, max_length=5)
    note = fields.Text(lines=True, max_length=10, required=False)
    bio = fields.Text(keep_empty=True, max_length=10, required=False, allow_null=True)
    size = fields.Integer(min_value=1, max_value=50, required=False)
    on = fields.Boolean(required=False)
    day = fields.Date(required=False)
    ids = fields.Ids(max_length=3, required=False)
    kind = fields.Choice(["a", "b"], required=False)
    zone = fields.Timezone(required=False)
    link = fields.Url(required=False)


class Query(serializers.Serializer):
    page = queries.QueryInteger(min_value=1, default=1)
    flag = queries.QueryBoolean(required=False)
    q = queries.SearchText(min_length=2, max_length=50, required=False)


def body(text: str | bytes, **options):
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    request = RequestFactory().generic("POST", "/", data, content_type="application/json")
    return parsing.body(request, Shape, **options)


def violations(text: str | bytes, **options):
    with pytest.raises(Invalid) as caught:
        body(text, **options)
    return [(found["loc"], found["type"]) for found in caught.value.sentence]


def query(raw: str):
    return parsing.query(RequestFactory().get("/", QUERY_STRING=raw), Query)


class TestText:
    def test_it_is_normalised_and_trimmed(self):
        assert body('{"name": "  e\\u0301 "}') == {"name": "é"}

    def test_it_counts_code_points_after_that(self):
        assert body('{"name": " 12345 "}') == {"name": "12345"}
        assert violations('{"name": "123456"}') == [(["body", "name"], "max_length")]

    @pytest.mark.parametrize("value", ["1", "true", "{}", "[]", "1.5"])
    def test_it_is_never_coerced__hc10(self, value):
        assert violations(f'{{"name": {value}}}') == [(["body", "name"], "invalid")]

    @pytest.mark.parametrize("value", ["\\u0000a", "\\ud800", "a\\u0007", "a\\u202eb", "a\\u2066b"])
    def test_it_refuses_controls_surrogates_and_bidirectional_controls__hc11(self, value):
        assert violations(f'{{"name": "{value}"}}') == [(["body", "name"], "invalid")]

    @pytest.mark.parametrize("value", ["", "   ", "\\u200b", "\\u2060 \\u200d"])
    def test_it_refuses_a_name_that_shows_nothing__hc11(self, value):
        assert violations(f'{{"name": "{value}"}}') == [(["body", "name"], "blank")]

    def test_it_allows_lines_where_lines_belong(self):
        assert body('{"name": "a", "note": "a\\n\\tb"}')["note"] == "a\n\tb"
        assert violations('{"name": "a\\nb"}') == [(["body", "name"], "invalid")]

    def test_it_stores_an_empty_optional_text_as_null_but_keeps_an_empty_bio(self):
        assert body('{"name": "a", "note": "", "bio": ""}') == {"name": "a", "note": None, "bio": ""}

    @given(st.text(min_size=1, max_size=5))
    def test_it_takes_or_refuses_any_text_without_failing(self, value):
        try:
            name = body(json.dumps({"name": value}))["name"]
        except Invalid:
            return
        assert name == unicodedata.normalize("NFC", value).strip()


class TestNull:
    def test_it_means_absent_in_a_post_unless_required(self):
        assert body('{"name": "a", "size": null}') == {"name": "a"}
        assert violations('{"name": null}') == [(["body", "name"], "null")]

    def test_it_clears_a_nullable_field_in_a_patch_and_no_other(self):
        assert body('{"bio": null}', partial=True) == {"bio": None}
        assert violations('{"size": null}', partial=True) == [(["body", "size"], "null")]


class TestScalars:
    @pytest.mark.parametrize("value", ["true", '"1"', "1.0", "2147483648", "100000000000000000000"])
    def test_it_takes_32_bit_integers_only__hc9(self, value):
        assert violations(f'{{"name": "a", "size": {value}}}') == [(["body", "size"], "invalid")]

    @pytest.mark.parametrize(("value", "kind"), [("0", "min_value"), ("51", "max_value")])
    def test_it_keeps_integers_in_range(self, value, kind):
        assert violations(f'{{"name": "a", "size": {value}}}') == [(["body", "size"], kind)]

    @pytest.mark.parametrize("value", ["0", "1", '"true"', "[]"])
    def test_it_takes_booleans_only(self, value):
        assert violations(f'{{"name": "a", "on": {value}}}') == [(["body", "on"], "invalid")]

    @pytest.mark.parametrize("value", ["c", "A", ""])
    def test_it_takes_a_choice_as_it_is_written(self, value):
        assert violations(f'{{"name": "a", "kind": "{value}"}}') == [(["body", "kind"], "invalid_choice")]

    @pytest.mark.parametrize(
        "value",
        [
            "2026-W01-1",
            "20260101",
            "٢٠٢٦-٠١-٠١",
            "0000-01-01",
            "2026-02-30",
            "1999-12-31",
            "2101-01-01",
            "2026-1-1",
            "",
        ],
    )
    def test_it_takes_real_days_as_iso_dates_only__hc15(self, value):
        assert violations(f'{{"name": "a", "day": "{value}"}}') == [(["body", "day"], "invalid")]

    @pytest.mark.parametrize("value", ["../../etc/passwd", "localtime", "Factory", "utc", "x" * 5000, "Europe"])
    def test_it_knows_time_zones_by_name__hc16(self, value):
        assert violations(f'{{"name": "a", "zone": "{value}"}}') == [(["body", "zone"], "invalid")]

    @pytest.mark.parametrize(
        "value",
        [
            "ftp://a.b/c", "//a.b", "/x", "http://", "http://u:p@a.b", "http://a b", "http://a.b:99999", "javascript:1",
            "http://[::1", "https://a.b/\\u00a0",
        ],
    )  # fmt: skip
    def test_it_takes_absolute_web_addresses_only(self, value):
        if value.endswith("u00a0"):
            assert body(f'{{"name": "a", "link": "{value}"}}')["link"] == "https://a.b/"  # trimmed like any text
        else:
            assert violations(f'{{"name": "a", "link": "{value}"}}') == [(["body", "link"], "invalid")]

    @pytest.mark.parametrize("value", ["http://localhost:8000/a.png", "https://a.b", "https://[::1]:8000/x?y=z#f"])
    def test_it_takes_any_host_and_port(self, value):
        assert body(f'{{"name": "a", "link": "{value}"}}')["link"] == value


class TestLists:
    def test_it_takes_ids_in_either_case(self):
        assert [str(id) for id in body(f'{{"name": "a", "ids": ["{ID.upper()}"]}}')["ids"]] == [ID]

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("1", (["body", "ids"], "not_a_list")),
            ("{}", (["body", "ids"], "not_a_list")),
            ("[]", (["body", "ids"], "empty")),
            ('["x"]', (["body", "ids", 0], "invalid")),
            (f'["{ID}", "{ID}"]', (["body", "ids", 1], "duplicate")),
            (f'["{ID}", 1]', (["body", "ids", 1], "invalid")),
            (f'["{{{ID}}}"]', (["body", "ids", 0], "invalid")),
            ("[1, 2, 3, 4]", (["body", "ids"], "max_length")),
        ],
    )
    def test_it_names_the_place_of_each_violation(self, value, found):
        assert violations(f'{{"name": "a", "ids": {value}}}') == [found]


class TestBody:
    def test_it_reports_everything_together(self):
        assert violations('{"size": 0, "on": 1}') == [
            (["body", "name"], "required"),
            (["body", "size"], "min_value"),
            (["body", "on"], "invalid"),
        ]

    def test_it_ignores_unknown_fields(self):
        assert body('{"name": "a", "is_staff": true, "id": 7}') == {"name": "a"}

    def test_it_names_malformed_json(self):
        assert violations("{") == [(["body"], "json_invalid")]
        assert violations("[]") == [(["body"], "not_an_object")]

    def test_it_allows_32_levels_and_no_more__hc6(self):
        deep = '{"name": "a", "x": %s}'
        assert body(deep % ("[" * 31 + "]" * 31)) == {"name": "a"}
        assert violations(deep % ("[" * 32 + "]" * 32)) == [(["body"], "json_invalid")]

    def test_it_does_not_count_brackets_inside_texts(self):
        assert body('{"name": "a", "x": "%s"}' % (r"[{\\\" " * 100)) == {"name": "a"}

    def test_it_accepts_a_body_of_exactly_the_limit(self, settings):
        settings.MAX_JSON_BODY_BYTES = 1024
        padding = 1024 - len('{"name": "a", "x": ""}')
        assert body('{"name": "a", "x": "%s"}' % ("y" * padding)) == {"name": "a"}
        with pytest.raises(ApiError) as caught:
            body('{"name": "a", "x": "%s"}' % ("y" * (padding + 1)))
        assert caught.value.status_code == 413


class TestQuery:
    def test_it_has_defaults_and_ignores_unknown_parameters__hc5(self):
        assert query("") == query("nonsense=1&page=") == {"page": 1}

    def test_it_takes_the_last_of_a_repeated_parameter(self):
        assert query("page=2&page=3") == {"page": 3}

    @pytest.mark.parametrize(
        "value", ["0", "-1", "abc", "1.0", "%00", "9" * 10, "9" * 5000, "٣", "%D9%A3", "+1", "1e3"]
    )
    def test_it_takes_one_to_nine_ascii_digits__hc2(self, value):
        with pytest.raises(Invalid):
            query(f"page={value}")

    @pytest.mark.parametrize(("raw", "value"), [("true", True), ("1", True), ("false", False), ("0", False)])
    def test_it_takes_booleans_in_two_spellings(self, raw, value):
        assert query(f"flag={raw}")["flag"] is value

    @pytest.mark.parametrize("value", ["yes", "TRUE", "2"])
    def test_it_takes_no_other_boolean(self, value):
        with pytest.raises(Invalid):
            query(f"flag={value}")

    @pytest.mark.parametrize("value", ["a%00b", "%ff%fe", "x" * 100_000, "a"])
    def test_it_refuses_search_text_that_is_no_text__hc4(self, value):
        with pytest.raises(Invalid):
            query(f"q={value}")

    @pytest.mark.parametrize("value", ["%25_", "\\%25"])
    def test_it_takes_wildcards_as_text__hc4(self, value):
        assert query(f"q={value}")["q"] == value.replace("%25", "%")
