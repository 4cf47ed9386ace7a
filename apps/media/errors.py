from apps.core.errors import Problem

empty_file = Problem(400, "empty_file", "The file is empty.")
file_too_large = Problem(400, "file_too_large", "File too large: the limit is {limit} MB.")
invalid_file_type = Problem(400, "invalid_file_type", "Invalid {noun} type.")
not_a_storage_url = Problem(400, "not_a_storage_url", "This is not a DareZone media URL.")
unknown_bucket = Problem(400, "unknown_bucket", "Unknown bucket.")
not_owner = Problem(403, "not_owner", "You can only delete your own files.")
file_not_found = Problem(404, "file_not_found", "File not found.")
