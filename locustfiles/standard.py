"""The standard load run (contract 9.1): 100 people who look at their profile and challenges, and check in.

    locust -f locustfiles/standard.py --headless -u 100 -r 10 -t 60s --host http://127.0.0.1:8000

Run it from the project's folder, against a database that `manage.py seed --size load` (or large) filled today; it has
accounts for 1000. Ramp-up and warm-up are part of -t. Exit codes: see gate.py. bin/loadtest calls this profile `brief`.
"""

from locust import task

from locustfiles import answers, judged  # noqa: F401 - the run is judged
from locustfiles.person import Person


class StandardUser(Person):
    """Somebody with an account of their own, whose check-ins are real: each is for a pair that is open today."""

    own: set[str] | None = None  # challenges: nobody joins or leaves one meanwhile

    @task(3)
    def look_at_profile(self) -> None:
        self.see_profile()

    @task(2)
    def look_at_challenges(self) -> None:
        page = self.see("/challenges", check=answers.these_challenges(self.own))
        if page:
            self.own = {row["id"] for row in page["challenges"]}

    @task(1)
    def make_a_check_in(self) -> None:
        self.check_in()
