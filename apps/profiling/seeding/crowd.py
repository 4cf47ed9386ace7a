"""Many people: those of the load run, each with enough open pairs, and a larger crowd as uneven as life."""

from random import Random

from apps.profiling.seeding.calendar import ZONES, Calendar
from apps.profiling.seeding.world import Challenge, Habit, Person, World, system_habits

LOAD_ACCOUNT = "test@example.com"
FIRST = "Ada Bao Carla Diego Emre Fatou Goran Hana Ivo Jana Kim Linh Mai Nils Omar Pia Quinn Rosa Sami Tuan Uma Vera"
LAST = "Adler Banda Costa Dang Eriksen Fischer Gupta Haddad Ito Jansen Kaya Lopez Moreau Nguyen Osei Park Rossi Silva"
FIRST_NAMES, LAST_NAMES = FIRST.split(), LAST.split()
TITLES = (
    "Move",
    "Read",
    "Calm",
    "Water",
    "Early nights",
    "No feeds",
    "Gratitude",
    "Learn",
    "Healthy plates",
    "Friends",
)
NEAR = 3
LENGTHS = (7, 10, 14, 14, 21, 30, 45)


def load_world(calendar: Calendar, rng: Random, *, people: int = 1000, rounds: int = 8, group: int = 20) -> World:
    """Everybody runs `rounds` challenges of four habits with others, all pairs open today, and has closed two."""
    world = World(calendar)
    world.add_person("admin@example.com", "Admin", is_staff=True)
    crowd = [world.add_person(LOAD_ACCOUNT, "Test Account", diligence=0.2)]
    for number in range(1, people + 1):
        crowd.append(new_person(world, f"load{number:05d}@example.com", rng))
    for number in range(rounds):
        for friends in groups(crowd, group, rng):
            start = calendar.today - rng.randrange(8, 16)
            days = {"start": start, "end": calendar.today + rng.randrange(60, 90)}
            add_group(world, f"Round {number + 1}", friends, 4, rng, spirit=0.3, open_today=True, **days)
    for number in range(2):
        for friends in groups(crowd, group, rng):
            days = {"start": calendar.today - 35, "end": calendar.today - 21 + number}
            add_group(world, f"Last month {number + 1}", friends, 2, rng, spirit=rng.choice((0.8, 1.8)), **days)
    add_friends(world, crowd, rng, blocked=0)  # the people of the load run look at each other's profiles
    return world


def large_world(
    calendar: Calendar, rng: Random, *, people: int = 20_000, challenges: int = 5_000, load: dict | None = None
) -> World:
    """The load run's world, so that it runs here too, and around it a crowd up to `people` and `challenges`."""
    world = load_world(calendar, rng, **(load or {}))
    crowd = [new_person(world, "busy@example.com", rng)]
    for number in range(1, people - len(world.people) + 1):
        crowd.append(new_person(world, f"person{number:05d}@example.com", rng))
    full = {"start": calendar.today - 40, "end": calendar.today + 40, "is_public": True}
    add_group(world, "The full house", some_of(crowd, 50, rng), 3, rng, max_members=50, **full)
    for _ in range(challenges - len(world.challenges)):
        add_life(world, crowd, rng)
    add_friends(world, crowd, rng, blocked=3)
    for other in crowd[NEAR + 1 :: max(1, len(crowd) // 300)]:  # of whom nobody asked busy@example.com yet
        world.add_friendship(*rng.sample([crowd[0], other], 2))
    return world


def add_friends(world: World, crowd: list[Person], rng: Random, *, blocked: int) -> None:
    """Everybody has asked the next of the crowd, or was asked by them. `blocked`: how many in a hundred."""
    for place, person in enumerate(crowd):
        for other in crowd[place + 1 : place + 1 + NEAR]:
            (status,) = rng.choices(("accepted", "pending", "rejected", "blocked"), (75, 15, 7, blocked))
            world.add_friendship(*rng.sample([person, other], 2), status)


def new_person(world: World, email: str, rng: Random) -> Person:
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    zone = "UTC" if rng.random() < 0.5 else rng.choice(ZONES)
    return world.add_person(email, name, full_name=name, zone=zone, diligence=rng.betavariate(5, 3))


def groups(crowd: list[Person], size: int, rng: Random) -> list[list[Person]]:
    shuffled = rng.sample(crowd, len(crowd))
    return [shuffled[start : start + size] for start in range(0, len(shuffled), size)]


def add_group(
    world: World, name: str, friends: list[Person], habits: int, rng: Random, *, start: int, **facts
) -> Challenge:
    """A challenge whose members are all there from its first day. The first of the friends created it."""
    facts = {"max_members": 50, "is_public": rng.random() < 0.2} | facts
    chosen = rng.sample(list(system_habits().values()), habits)
    challenge = world.add_challenge(name, friends[0], chosen, created=start - 1, start=start, **facts)
    for friend in friends[1:]:
        world.add_member(challenge, friend, joined=start, role="admin" if rng.random() < 0.05 else "member")
    return challenge


def add_life(world: World, crowd: list[Person], rng: Random) -> Challenge:
    """Mostly small, mostly over, kept by people of whom a few are in everything and many in nothing."""
    start, end = some_days(world.calendar.today, rng)
    size = 1 if rng.random() < 0.3 else 2 + int(49 * rng.random() ** 3)
    creator, *others = some_of(crowd, size, rng)
    challenge = world.add_challenge(
        f"{rng.choice(TITLES)} with {creator.name}" if others else f"{end - start} days of {rng.choice(TITLES)}",
        creator,
        some_habits(world, creator, start, rng),
        created=min(start - rng.choice((0, 0, 1, 2, 5)), world.calendar.today - 4),
        start=start,
        end=end,
        type="group" if others else "individual",
        checkin_type=rng.choice(("photo", "video", "caption", "any")),
        require_evidence=rng.random() < 0.6,
        is_public=rng.random() < 0.3,
        max_members=next(limit for limit in (10, 20, 50) if limit >= size),
        archived=rng.random() < 0.04,
        spirit=1.6 if rng.random() < 0.3 else rng.uniform(0.4, 1.1),
    )
    for person in others:
        add_comer(world, challenge, person, rng)
    return challenge


def some_days(today: int, rng: Random) -> tuple[int, int]:
    """Start and end. Nothing begins or ends where only some time zones have the day behind them."""
    start = today + rng.randrange(2, 15) if rng.random() < 0.03 else today - rng.randrange(4, 330)
    end = start + rng.choice(LENGTHS)
    return start, end if end <= today - 3 else max(end, today + 2)


def some_of(crowd: list[Person], size: int, rng: Random) -> list[Person]:
    """Different people; the earlier in the crowd, the likelier."""
    picked = (crowd[int(len(crowd) * rng.random() ** 2)] for _ in range(3 * size))
    return list(dict.fromkeys(picked))[:size]


def some_habits(world: World, creator: Person, start: int, rng: Random) -> list[Habit]:
    number = rng.choices((1, 2, 3, 4), (30, 35, 20, 15))[0]
    habits = rng.sample(list(system_habits().values()), number)
    if rng.random() < 0.04:
        created = min(start, world.calendar.today) - 6
        habits[0] = Habit(f"{creator.name}'s own", creator, "✨", "other", created)
        world.habits.append(habits[0])
    return habits


def add_comer(world: World, challenge: Challenge, person: Person, rng: Random) -> None:
    today = world.calendar.today
    joined = min(challenge.created + 1 + int(4 * rng.random() ** 2), today - 1)
    member = world.add_member(challenge, person, joined=joined, role="admin" if rng.random() < 0.05 else "member")
    left = joined + rng.randrange(1, 25)
    if rng.random() < 0.08 and left <= min(challenge.end, today - 1):
        member.left, member.status = left, "left" if rng.random() < 0.85 else "kicked"
    if rng.random() < 0.01:
        member.kept_points = 10
