#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "darezone.settings")
    if sys.argv[1:2] == ["runserver"]:
        os.environ.setdefault("DAREZONE_SERVES", "true")  # what serves goes the server's way, through its pooler
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
