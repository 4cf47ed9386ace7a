"""Migrate, limit, seed and note the log-ins in one process: each start of Django costs a second, and bin/dev has five.

python prepare.py SIZE [FILE FOR THE LOG-INS]
"""

import os
import sys
from pathlib import Path

from checkout import ROOT


def main() -> None:
    size, *files = sys.argv[1:]
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "darezone.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", "--no-input", verbosity=0)
    call_command("database_limits", verbosity=0)
    if size != "none":
        call_command("seed", "--size", size, "--if-empty")
    for file in files:
        with Path(file).open("w") as output:
            call_command("seed", "--logins", "--size", size, stdout=output)


if __name__ == "__main__":
    main()
