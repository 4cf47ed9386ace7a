from locustfiles import counters
from locustfiles.tests import runs

TEXT = """# HELP darezone_request_seconds Time to the answer
# TYPE darezone_request_seconds histogram
darezone_request_seconds_bucket{le="0.1",method="GET",route="/api/v1/habits",status="200"} 3.0
darezone_request_seconds_count{method="GET",route="/api/v1/habits",status="200"} 4.0
darezone_build_info{build="abc",debug="off"} 1.0
darezone_workers 2.0
python_info{version="3.13"} 1.0
"""


class TestCounters:
    def test_it_works(self):
        counted = counters.between({"before": runs.counted(), "after": runs.counted(requests=10, statements=25)})
        assert counters.sql(counted) == {"GET /api/v1/users/me": (10, 25, 0.025)}
        assert counters.sql(counted)["GET /api/v1/users/me"].each == 2.5

    def test_it_reads_metrics_without_buckets_and_without_others(self):
        assert counters.parse(TEXT) == {
            'darezone_request_seconds_count{method="GET",route="/api/v1/habits",status="200"}': 4.0,
            'darezone_build_info{build="abc",debug="off"}': 1.0,
            "darezone_workers": 2.0,
        }

    def test_statuses_of_a_route_add_up(self):
        found = {
            f'darezone_request_seconds_count{{method="GET",route="/api/v1/x",status="{n}"}}': 1 for n in (200, 404)
        }
        assert counters.sql(found)["GET /api/v1/x"].requests == 2

    def test_one_reading_is_no_difference(self):
        assert counters.between({"before": {"darezone_workers": 1}, "after": {}}) == {}
        assert counters.hit_ratio({}) is None

    def test_workers_that_differ_show(self):
        found = {f'darezone_build_info{{build="{build}",debug="off"}}': 1.0 for build in ("new", "old")}
        assert counters.build(found) == {"build": "new and old", "debug": "off"}

    def test_it_knows_what_the_server_really_says(self, client, db):
        told = counters.build(counters.parse(client.get("/metrics").content.decode()))
        assert (told["environment"], told["debug"], told["profiler"], told["toolbar"]) == ("test", "off", "off", "off")
