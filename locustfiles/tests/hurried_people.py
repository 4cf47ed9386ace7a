"""The people of `mixed` without their patience, and without chance: each does everything once; then it is over."""

import itertools

from locust import constant
from locust.exception import StopUser

from locustfiles import mixed
from locustfiles.person import Person

PEOPLE = 8
done = itertools.count(1)


class Member(mixed.Member):
    fixed_count, wait_time = 2, constant(0.02)

    def everything(self) -> None:
        for errand in (self.open_the_app, self.look_around, self.look_at_oneself, self.check_in):
            errand()
        self.pairs.take_back_the_oldest()


class Joiner(mixed.Joiner):
    fixed_count, wait_time = 2, constant(0.02)

    def everything(self) -> None:
        self.try_one()
        self.look_for_a_word()


class Creator(mixed.Creator):
    fixed_count, wait_time = 1, constant(0.02)

    def everything(self) -> None:
        self.run_a_challenge()
        self.make_friends()


class Returning(mixed.Returning):
    fixed_count, wait_time = 2, constant(0.02)

    def everything(self) -> None:
        for errand in (self.come_back, self.come_back, self.change_something):
            errand()


class Newcomer(mixed.Newcomer):
    fixed_count, wait_time = 1, constant(0.02)

    def everything(self) -> None:
        self.arrive_for_the_first_time()


def everything_once(person: Person) -> None:
    person.everything()
    if next(done) == PEOPLE:
        person.environment.runner.quit()
    raise StopUser


for kind in (Member, Joiner, Creator, Returning, Newcomer):
    kind.tasks = [everything_once]
del kind
