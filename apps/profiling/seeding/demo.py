"""A dozen people who have lived with DareZone for two months: something of every status, role and kind."""

from random import Random

from apps.profiling.seeding.calendar import Calendar
from apps.profiling.seeding.world import Challenge, Habit, Person, World, system_habits

# First name, full name, zone, how diligent, about.
PEOPLE = (
    ("Ann", "Ann Lee", "Asia/Ho_Chi_Minh", 0.97, "Runs before breakfast."),
    ("Ben", "Ben Weber", "Europe/Berlin", 0.9, "Tea, books, bicycles."),
    ("Cleo", "Cleo Martin", "America/New_York", 0.85, None),
    ("Dan", "Dan Okafor", "UTC", 0.6, None),
    ("Eva", "Eva Tekanene", "Pacific/Kiritimati", 0.9, "Lives where the day begins."),
    ("Finn", "Finn Doyle", "Europe/London", 0.5, None),
    ("Gia", "Gia Rao", "Asia/Kolkata", 0.8, "Learning Spanish, slowly."),
    ("Hugo", "Hugo Ramos", "America/Los_Angeles", 0.7, None),
    ("Ines", None, "America/Sao_Paulo", 0.75, None),
    ("Jun", "Jun Sato", "Asia/Tokyo", 0.98, "One page a day."),
    ("Kofi", "Kofi Mensah", "Africa/Lagos", 0.6, None),
    ("Lena", None, "UTC", 0.5, None),
)
# Who asked whom, and what came of it.
FRIENDSHIPS = (
    ("Ann", "Ben", "accepted"),
    ("Cleo", "Ann", "accepted"),
    ("Ann", "Gia", "accepted"),
    ("Jun", "Eva", "accepted"),
    ("Ben", "Dan", "accepted"),
    ("Lena", "Ann", "pending"),
    ("Ann", "Kofi", "pending"),
    ("Finn", "Cleo", "pending"),
    ("Dan", "Ines", "rejected"),
    ("Hugo", "Cleo", "blocked"),
)
LOGINS = (
    ("creator", "ann@example.com"),
    ("admin", "ben@example.com"),
    ("member", "cleo@example.com"),
    ("has left", "kofi@example.com"),
    ("kicked", "hugo@example.com"),
    ("newcomer", "lena@example.com"),
)


def demo_world(calendar: Calendar, rng: Random) -> World:
    world = World(calendar)
    who = {
        name: world.add_person(
            f"{name.lower()}@example.com", name, full_name=full, zone=zone, diligence=diligence, bio=bio
        )
        for name, full, zone, diligence, bio in PEOPLE
    }
    world.add_person("admin@example.com", "Admin", is_staff=True)
    habits = system_habits()
    for build in (running, closed, not_running):
        build(world, who, habits, calendar.today)
    for requester, addressee, status in FRIENDSHIPS:
        world.add_friendship(who[requester], who[addressee], status)
    return world


def running(world: World, who: dict, habits: dict[str, Habit], today: int) -> None:
    shower = own_habit(world, who["Ann"], "Cold shower", "🚿", "health", today - 30)
    spanish = own_habit(world, who["Dan"], "Ten Spanish words", "🇪🇸", "learning", today - 20)
    own_habit(world, who["Ann"], "Call grandma", "📞", "social", today - 12)
    moves = world.add_challenge(
        "Move every morning", who["Ann"], [habits["Morning Exercise"], habits["Drink Water"], shower],
        description="Half an hour before the first coffee.\nNo excuses on rainy days.",
        created=today - 27, start=today - 25, end=today + 35, checkin_type="photo", is_public=True,
    )  # fmt: skip
    join(world, moves, who, "Ben", role="admin")
    join(world, moves, who, "Cleo", "Dan", "Eva", "Jun")
    join(world, moves, who, "Kofi", status="left", left=today - 9)
    join(world, moves, who, "Hugo", status="kicked", left=today - 14)
    books = world.add_challenge(
        "A chapter before bed", who["Cleo"], [habits["Read Books"], habits["Sleep Early"]],
        created=today - 40, start=today - 40, end=today + 20, checkin_type="caption",
    )  # fmt: skip
    join(world, books, who, "Ann", "Gia", "Finn", "Ben")
    spanish_alone = world.add_challenge(
        "Spanish for the summer", who["Dan"], [spanish, habits["Learn Something New"]],
        created=today - 19, start=today - 18, end=today + 42, type="individual", require_evidence=False, max_members=1,
    )  # fmt: skip
    spanish_alone.members[0].kept_points = 10  # he deleted an older check-in: its points stay
    full = world.add_challenge(
        "Six at the table", who["Ines"], [habits["Healthy Eating"], habits["Connect with Loved Ones"]],
        description="Full: nobody else can join.",
        created=today - 12, start=today - 10, end=today + 4, is_public=True, max_members=6,
    )  # fmt: skip
    join(world, full, who, "Jun", "Gia", "Eva", "Ann", "Hugo")


def closed(world: World, who: dict, habits: dict[str, Habit], today: int) -> None:
    calm = world.add_challenge(
        "Thirty days of calm", who["Jun"], [habits["Meditation"], habits["Gratitude Journal"]],
        created=today - 48, start=today - 45, end=today - 15, is_public=True,
    )  # fmt: skip
    join(world, calm, who, "Ann", "Gia", "Eva")
    quiet = world.add_challenge(
        "A month without feeds", who["Finn"], [habits["No Social Media"]],
        created=today - 42, start=today - 40, end=today - 10, spirit=0.5, is_public=True,
    )  # fmt: skip
    join(world, quiet, who, "Cleo", "Dan", "Ines")
    join(world, quiet, who, "Ben", status="left", left=today - 30)


def not_running(world: World, who: dict, habits: dict[str, Habit], today: int) -> None:
    soon = world.add_challenge(
        "Spring clean-up", who["Ben"], [habits["Healthy Eating"], habits["Drink Water"], habits["Sleep Early"]],
        created=today - 5, start=today + 4, end=today + 34, is_public=True, max_members=20,
    )  # fmt: skip
    join(world, soon, who, "Ann", "Cleo")
    old = world.add_challenge(
        "Water bet of the office", who["Finn"], [habits["Drink Water"]],
        created=today - 61, start=today - 60, end=today - 35, require_evidence=False, archived=True,
    )  # fmt: skip
    join(world, old, who, "Ben", "Ines", "Jun")


def own_habit(world: World, owner: Person, name: str, icon: str, category: str, created: int) -> Habit:
    world.habits.append(Habit(name, owner, icon, category, created))
    return world.habits[-1]


def join(world: World, challenge: Challenge, who: dict, *names: str, **facts) -> None:
    for name in names:
        world.add_member(challenge, who[name], joined=challenge.created + 1, **facts)
