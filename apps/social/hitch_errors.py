from apps.core.errors import Problem

habit_not_found = Problem(404, "habit_not_found", "Habit not found.")
no_hitches_remaining = Problem(400, "no_hitches_remaining", "No hitches remaining in this challenge.")
no_valid_targets = Problem(400, "no_valid_targets", "No valid targets: nobody can be reminded now.")
