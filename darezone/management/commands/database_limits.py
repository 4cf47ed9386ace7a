"""Gives the role of the server its limits: transaction poolers refuse to take them from a connection."""

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.utils import load_backend
from psycopg import sql


class Command(BaseCommand):
    help = "Sets time limits and time zone of the server's role in its database. Acts on connections made from now on."

    def add_arguments(self, parser):
        parser.add_argument("--role", help="another role than the one of DATABASE_URL")

    def handle(self, *args, role, **options):
        try:
            with connection.cursor() as cursor:
                role, database = role or role_of_server(), connection.settings_dict["NAME"]
                for name, value in limits().items():
                    cursor.execute(statement(role, database, name, value).as_string())
                    if options["verbosity"]:
                        self.stdout.write(f"{role} in {database}: {name} = {value}")
        except (DatabaseError, psycopg.Error) as error:
            raise CommandError(f"The limits could not be set: {error}") from error


def limits() -> dict[str, str]:
    numbers = {name: f"{milliseconds}ms" for name, milliseconds in settings.DATABASE_LIMITS.items()}
    return numbers | {"timezone": settings.TIME_ZONE}


def statement(role: str, database: str, name: str, value: str) -> sql.Composed:
    """Of this role in this database only: others on the server keep theirs."""
    names = {"role": sql.Identifier(role), "database": sql.Identifier(database), "name": sql.Identifier(name)}
    return sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value}").format(**names, value=value)


def role_of_server() -> str:
    """As PostgreSQL knows it: a pooler may have another name for it, such as postgres.project."""
    database = {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False} | settings.SERVER_DATABASE
    wrapper = load_backend(database["ENGINE"]).DatabaseWrapper(database, alias="server")
    with psycopg.connect(**wrapper.get_connection_params()) as server:
        return server.execute("SELECT current_user").fetchone()[0]
