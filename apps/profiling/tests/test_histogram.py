"""A histogram of times gives percentiles that are true to a tenth."""

import pytest

from apps.profiling.histogram import BUCKETS, bounds, bucket_of, percentile


class TestHistogram:
    @pytest.mark.parametrize("milliseconds", [0.01, 0.1, 0.11, 1, 7.3, 50, 199, 500, 3000, 10**9])
    def test_a_time_is_inside_its_bucket(self, milliseconds):
        bucket = bucket_of(milliseconds)
        low, high = bounds(bucket)
        assert low <= milliseconds <= high * 1.0001 or bucket == BUCKETS - 1

    @pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
    def test_percentiles_are_true_to_a_tenth(self, share):
        times = [1.01**number for number in range(700)]  # 1 ms to 1 s, dense at every size
        histogram = [0] * BUCKETS
        for time in times:
            histogram[bucket_of(time)] += 1
        exact = times[int(share * len(times)) - 1]
        assert abs(percentile(histogram, share) - exact) <= exact / 10

    def test_of_nothing_it_is_zero(self):
        assert percentile([0] * BUCKETS, 0.95) == 0
