"""Facts of a user that are stored anew by the write that changes them, because that user looks at them next."""

from uuid import UUID

from apps.accounts import cache, reads, serializers
from apps.core.answers import to_bytes
from apps.core.cache import may_renew, renew
from apps.core.cache_values import Fresh


def renew_facts(user_id: UUID, seen: bytes | None) -> None:
    """What expire_facts does, and the principal and the own profile as they are now for the next reader: a check-in
    would otherwise cost the next request both. `seen`: the user's token as this request found it. Called within the
    transaction, after its last change of the user."""
    if seen is None or not may_renew() or not (found := reads.principal_and_profile(user_id)):
        cache.expire_facts([user_id])
        return
    principal, row = found
    midnight = principal.midnight()  # of the day before whose end the profile is made
    profile = Fresh(to_bytes(serializers.user_profile(row)), until=midnight)
    values = {
        cache.principal(user_id): Fresh(principal.dumped()),
        cache.of_user(cache.PROFILE, user_id): profile,
    }
    renew(cache.facts(user_id), seen, values)
