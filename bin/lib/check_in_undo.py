"""Puts the data back as it was before a phase of check-ins, so that each phase begins equal and the audit holds."""

import psycopg

OF_USERS = (
    *("current_streak", "longest_streak", "total_check_ins", "points", "last_checkin_date", "day_floor"),
    *("last_seen_at", "updated_at"),
)
OF_MEMBERS = (
    *("current_streak", "longest_streak", "total_checkins", "points_earned", "last_checkin_at", "last_checkin_date"),
)
RECENT = "checkin_date >= current_date - 1"


class CheckInUndo:
    """Knows the data as it was when the `with` began. The copies are temporary tables: they go with the connection."""

    def __init__(self, url: str):
        self.connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> "CheckInUndo":
        run = self.connection.execute
        run(f"CREATE TEMP TABLE kept_check_ins AS SELECT id FROM check_ins WHERE {RECENT}")  # noqa: S608
        run(f"CREATE TEMP TABLE kept_users AS SELECT id, {', '.join(OF_USERS)} FROM users")  # noqa: S608
        run(f"CREATE TEMP TABLE kept_members AS SELECT id, {', '.join(OF_MEMBERS)} FROM challenge_members")  # noqa: S608
        run("ANALYZE kept_check_ins, kept_users, kept_members")
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()

    def put_back(self) -> None:
        run = self.connection.execute
        run(f"""
            DELETE FROM check_ins c
            WHERE {RECENT} AND NOT EXISTS (SELECT FROM kept_check_ins k WHERE k.id = c.id)
        """)  # noqa: S608
        run(restoring("users", "kept_users", OF_USERS, moved="total_check_ins"))
        run(restoring("challenge_members", "kept_members", OF_MEMBERS, moved="total_checkins"))
        run("VACUUM check_ins, users, challenge_members")
        run("CHECKPOINT")  # after it, the first change of a page costs more: for every phase alike


def restoring(table: str, copy: str, columns: tuple[str, ...], *, moved: str) -> str:
    assignments = ", ".join(f"{column} = k.{column}" for column in columns)
    return f"UPDATE {table} t SET {assignments} FROM {copy} k WHERE k.id = t.id AND k.{moved} <> t.{moved}"  # noqa: S608
