"""Each rule with a real plan that breaks it and one that holds, on fifty thousand rows."""

from apps.profiling import plans
from apps.profiling.tests.entries import broken, entries, plan

__all__ = ["entries", "plan"]


def only(sentences):
    (sentence,) = sentences
    return sentence


class TestReadingEverything:
    def test_it_works(self, plan):
        assert broken(plan("SELECT * FROM entries WHERE account = %s AND day >= %s", 7, "2030-01-01")) == []

    def test_it_finds_a_table_read_without_an_index(self, plan):
        sentences = broken(plan("SELECT id FROM entries WHERE note <> ''", max_parallel_workers_per_gather=0))
        reads = "Seq Scan on entries reads the table of 50,000 rows without an index: 50,000 rows"
        assert sentences[0] == f"{reads}; Filter (note <> ''::text)."

    def test_it_allows_small_tables(self, plan):
        found = plan("SELECT * FROM accounts WHERE name <> 'nobody'")
        assert "Seq Scan on accounts" in plans.tree(found) and broken(found) == []

    def test_it_adds_up_parallel_workers(self, plan):
        settings = {"parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}
        found = plan("SELECT count(note) FROM entries", **settings)
        assert "Workers Launched" in plans.tree(found)
        assert broken(found)[0].startswith(
            "Parallel Seq Scan on entries reads the table of 50,000 rows without an index: 50,000 rows"
        )

    def test_it_ignores_what_never_ran(self, plan):
        found = plan("SELECT (SELECT max(note) FROM entries WHERE state = name) FROM accounts WHERE id = -1")
        assert "Seq Scan on entries  (never executed)" in plans.tree(found) and broken(found) == []

    def test_it_finds_an_index_walked_without_a_condition(self, plan):
        found = plan("SELECT account, day FROM entries ORDER BY account, day", off=["seqscan"])
        assert broken(found, buffers=10**6) == [
            "Index Only Scan using entries_account_day on entries walks the index without a condition: 50,000 rows."
        ]

    def test_it_allows_a_page_of_an_index(self, plan):
        assert broken(plan("SELECT * FROM entries ORDER BY id DESC LIMIT 20")) == []

    def test_it_looks_into_a_with_that_writes(self, plan):
        sql = "WITH gone AS (DELETE FROM entries WHERE state = 'odd' RETURNING id) SELECT count(*) FROM gone"
        assert broken(plan(sql))[0].startswith("Seq Scan on entries reads the table")


class TestSortUnderLimit:
    def test_it_works(self, plan):
        """The index has the order."""
        assert broken(plan("SELECT * FROM entries WHERE account = 0 ORDER BY day LIMIT 20")) == []

    def test_it_finds_a_page_taken_from_a_large_sort(self, plan):
        sentence = only(broken(plan("SELECT * FROM entries WHERE account = 0 ORDER BY note LIMIT 20")))
        assert sentence == "Sort under a Limit reads 5,000 rows to give 20; Sort Key note."

    def test_it_allows_a_sort_of_little(self, plan):
        found = plan("SELECT * FROM entries WHERE account = 7 ORDER BY note LIMIT 2")
        assert "Sort Key" in plans.tree(found) and broken(found) == []

    def test_it_allows_a_large_sort_for_a_large_page(self, plan):
        assert broken(plan("SELECT * FROM entries WHERE account = 0 ORDER BY note LIMIT 600")) == []

    def test_it_allows_a_sort_without_a_limit(self, plan):
        assert broken(plan("SELECT * FROM entries WHERE account = 0 ORDER BY note")) == []

    def test_it_allows_an_incremental_sort_that_stops(self, plan):
        found = plan("SELECT * FROM entries WHERE account = 0 ORDER BY day, id LIMIT 20", off=["sort"])
        assert "Incremental Sort" in plans.tree(found) and broken(found) == []

    def test_it_finds_an_incremental_sort_of_one_large_group(self, plan):
        found = plan("SELECT * FROM entries ORDER BY account, note LIMIT 20", off=["sort", "seqscan"])
        assert broken(found)[0].startswith("Incremental Sort under a Limit reads 5,0")

    def test_it_adds_up_parallel_workers(self, plan):
        settings = {"parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}
        found = plan("SELECT note FROM entries ORDER BY note LIMIT 20", **settings)
        assert "Workers Launched" in plans.tree(found)
        assert any("Sort under a Limit reads 50,000 rows" in sentence for sentence in broken(found))

    def test_it_judges_a_limit_in_a_subquery_by_what_each_run_reads(self, plan):
        first = "SELECT note FROM entries WHERE account = a.id ORDER BY note LIMIT 1"
        found = plan(f"SELECT (SELECT max(note) FROM ({first}) t) FROM accounts a WHERE id BETWEEN 1 AND 5")  # noqa: S608
        assert "loops 5" in plans.tree(found) and broken(found) == []
        found = plan(f"SELECT (SELECT max(note) FROM ({first}) t) FROM accounts a WHERE id = 0")  # noqa: S608
        assert only(broken(found)) == "Sort under a Limit reads 5,000 rows to give 1; Sort Key entries.note."


class TestFilter:
    def test_it_works(self, plan):
        assert broken(plan("SELECT * FROM entries WHERE account = 0 AND state = 'even'")) == []

    def test_it_finds_waste(self, plan):
        found = plan("SELECT * FROM entries WHERE account = 0 AND state = 'odd'", off=["bitmapscan", "seqscan"])
        throws = "Index Scan using entries_account_day on entries throws 4,950 rows away to keep 50"
        assert only(broken(found)) == f"{throws}; Filter (state = 'odd'::text)."

    def test_it_allows_waste_of_little(self, plan):
        assert broken(plan("SELECT * FROM entries WHERE account = 7 AND state = 'nothing'")) == []

    def test_it_multiplies_by_loops(self, plan):
        sql = "SELECT * FROM accounts a JOIN entries e ON account = a.id AND state = name WHERE a.id BETWEEN 1 AND 5"
        found = plan(sql, off=["hashjoin", "mergejoin", "bitmapscan", "memoize"])
        assert "throws 45" in only(broken(found)) and "to keep 0" in only(broken(found))

    def test_it_finds_what_a_join_throws_away(self, plan):
        sql = "SELECT * FROM accounts a JOIN accounts b ON a.id * 2 = b.id + 1"
        sentence = only(broken(plan(sql, off=["hashjoin", "mergejoin"])))
        assert sentence.startswith("Nested Loop throws 249,750 rows away to keep 250; Join Filter")

    def test_it_finds_what_a_lossy_bitmap_reads_again(self, plan):
        avoid = ["seqscan", "indexscan", "indexonlyscan"]
        accounts = list(range(20, 500, 20))
        found = plan("SELECT note FROM entries WHERE account = ANY (%s)", accounts, off=avoid, work_mem="64kB")
        assert "Lossy Heap Blocks" in plans.tree(found)
        assert only(broken(found, buffers=10**6)).startswith("Bitmap Heap Scan on entries throws")


class TestBuffers:
    def test_it_works(self, plan):
        found = plan("SELECT * FROM entries WHERE account = 0", off=["bitmapscan", "seqscan"])
        assert broken(found) == []
        sentence = only(broken(found, buffers=100))
        assert sentence.startswith("The statement touches 2") and "more than 100" in sentence
        assert sentence.endswith("of them in Index Scan using entries_account_day on entries.")

    def test_it_counts_a_with_that_writes_and_that_nobody_reads(self, plan):
        found = plan("WITH changed AS (UPDATE entries SET state = 'x' WHERE note = 'nothing') SELECT 1")
        assert found["Shared Hit Blocks"] == 0
        assert broken(found)[-1].startswith("The statement touches 2,3")
        assert broken(found)[-1].endswith("of them in Seq Scan on entries.")

    def test_it_counts_a_with_that_somebody_reads_once(self, plan):
        found = plan("WITH gone AS (DELETE FROM entries WHERE note = 'nothing' RETURNING id) TABLE gone")
        touched = found["Shared Hit Blocks"] + found["Shared Read Blocks"]
        assert f"touches {touched:,} buffers" in broken(found)[-1]

    def test_it_allows_more_where_rows_are_written(self, plan):
        found = plan("UPDATE entries SET state = 'x' WHERE account = 7")
        assert found["Shared Hit Blocks"] + found["Shared Read Blocks"] > 100
        assert broken(found, buffers=100) == []
