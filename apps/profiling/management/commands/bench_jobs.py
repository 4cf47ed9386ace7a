"""How long the jobs take on this database: DAREZONE_SIZE=large bin/manage bench_jobs"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.core import clock
from apps.jobs.services import run_job

# Fifty members each, whose last day was ten days ago; in every second one everybody has done everything. Another run
# makes as many more.
OVER = """
INSERT INTO challenges (
    id, name, type, status, checkin_type, start_date, end_date, max_members, member_count, require_evidence, is_public,
    invite_code, current_streak, created_by_id, created_at, updated_at
)
SELECT gen_random_uuid(), 'Bench ' || n, 'group', 'active', 'any', %(today)s::date - 40, %(today)s::date - 10, 50, 50,
    false, mod(n, 2) = 0, translate(upper(lpad(to_hex(9000000 + n), 6, '0')), '01', 'XY'), 0,
    (SELECT id FROM users ORDER BY id LIMIT 1), now(), now()
FROM (SELECT count(*) AS before FROM challenges WHERE name LIKE 'Bench %%') made,
    generate_series(made.before + 1, made.before + %(challenges)s) n
"""
HABITS = """
INSERT INTO challenge_habits (id, challenge_id, habit_id, display_order, created_at)
SELECT gen_random_uuid(), id, '00000000-0000-0000-0000-000000000001', 0, now()
FROM challenges c WHERE name LIKE 'Bench %%'
    AND NOT EXISTS (SELECT FROM challenge_habits h WHERE h.challenge_id = c.id)
"""
MEMBERS = """
WITH people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM users),
over AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM challenges c WHERE name LIKE 'Bench %%'
        AND NOT EXISTS (SELECT FROM challenge_members m WHERE m.challenge_id = c.id)
)
INSERT INTO challenge_members (
    id, challenge_id, user_id, role, status, current_streak, longest_streak, total_checkins, points_earned, kept_points,
    hitch_count, is_completed, joined_at
)
SELECT gen_random_uuid(), o.id, p.id, CASE seat WHEN 0 THEN 'creator' ELSE 'member' END, 'active', 0, 0,
    CASE mod(o.n, 2) WHEN 0 THEN 31 ELSE 3 END, 0, 0, 2, false, now()
FROM over o CROSS JOIN generate_series(0, 49) seat
JOIN people p ON p.n = mod(o.n * 397 + seat * 101, (SELECT count(*) FROM users))
"""
ANALYZE = "ANALYZE challenges, challenge_habits, challenge_members, notifications, users"
EXPIRE = "UPDATE notifications SET expires_at = %(now)s"


class Command(BaseCommand):
    help = "Makes challenges of fifty members that are over, and runs the jobs. Nothing is undone."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--challenges", type=int, default=2000, help="2000, with 100,000 members in all")

    def handle(self, *args, challenges: int, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("This makes up challenges: not in production.")
        values = {"today": clock.now().date(), "now": clock.now(), "challenges": challenges}
        for statement in (OVER, HABITS, MEMBERS, ANALYZE):
            run(statement, values)
        clock.local_times()  # a process reads the zones once
        self.time("auto-complete")
        with clock.standing_at(datetime.combine(values["today"], datetime.min.time(), UTC).replace(hour=8, minute=5)):
            self.time("streak-reminders")
        run(EXPIRE, values)
        self.time("clean-up")

    def time(self, name: str) -> None:
        """Waiting for one processor among many has no part in the seconds of CPU."""
        began = time.perf_counter(), time.process_time(), server_seconds()
        told = run_job(name).message
        now = time.perf_counter(), time.process_time(), server_seconds()
        wall, python, server = (after - before for after, before in zip(now, began, strict=True))
        self.stdout.write(f"{told}\n  {wall:.1f} s; CPU: Python {python:.1f} s, PostgreSQL {server:.1f} s")
        self.stdout.write(f"  load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def run(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def server_seconds() -> float:
    """CPU of our connection's process in PostgreSQL; 0 when it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
