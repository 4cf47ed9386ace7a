from apps.core.errors import Problem

invalid_credentials = Problem(401, "invalid_credentials", "Invalid email or password.")
login_locked = Problem(429, "login_locked", "Too many failed logins. Try again later.")
wrong_password = Problem(400, "wrong_password", "The current password is wrong.")
no_fields = Problem(400, "no_fields", "No fields to update.")
email_taken = Problem(409, "email_taken", "An account with this email exists.", constraint="one_account_per_email")
user_not_found = Problem(404, "user_not_found", "User not found.")
profile_private = Problem(403, "profile_private", "This profile is not visible to you.")
