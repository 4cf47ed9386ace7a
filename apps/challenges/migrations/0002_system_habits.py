"""The ten habits that every installation has, with ids that are the same everywhere."""

from uuid import UUID

from django.db import migrations
from django.utils.timezone import now  # noqa: TID251 - a migration imports nothing from the apps

HABITS = [
    ("Morning Exercise", "🏃", "health", "Move your body before the day begins."),
    ("Drink Water", "💧", "health", "Drink enough water through the day."),
    ("Read Books", "📚", "learning", "Read a few pages of a book."),
    ("Meditation", "🧘", "mental_health", "Sit still and breathe for some minutes."),
    ("Healthy Eating", "🥗", "health", "Choose food that does you good."),
    ("Learn Something New", "🎓", "learning", "Practise a skill or study something new."),
    ("Sleep Early", "😴", "health", "Go to bed in time for a full night."),
    ("Gratitude Journal", "📝", "mental_health", "Write down what you are thankful for."),
    ("No Social Media", "📱", "productivity", "Stay off social networks today."),
    ("Connect with Loved Ones", "❤️", "social", "Call, meet or write to someone close."),
]


def create_habits(apps, schema_editor):
    Habit = apps.get_model("challenges", "Habit")
    created_at = now()
    Habit.objects.bulk_create(
        Habit(
            id=UUID(f"00000000-0000-0000-0000-{number:012d}"),
            name=name,
            icon=icon,
            category=category,
            description=description,
            is_system=True,
            created_at=created_at,
        )
        for number, (name, icon, category, description) in enumerate(HABITS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("challenges", "0001_initial")]
    operations = [migrations.RunPython(create_habits, migrations.RunPython.noop)]
