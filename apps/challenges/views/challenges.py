from typing import Any
from uuid import UUID

import orjson

from apps.accounts.principal import Principal
from apps.challenges import access, cache, errors, examples, reads, services
from apps.challenges.models import Challenge
from apps.challenges.serializers import challenges as shapes
from apps.core import replica
from apps.core.answers import Empty, Json, to_bytes
from apps.core.api import ApiView
from apps.core.cache_values import Fresh, Key
from apps.core.conditional import answered, conditional
from apps.core.idempotency import once
from apps.core.pagination import Cursor, Rows, continued, first_page, numbered, paged, walked
from apps.core.schema import CREATED, NO_CONTENT, describe

TAG = "Challenges"
NEWEST = Cursor("discover", created_at="datetime", id="uuid")


class ChallengeListView(ApiView):
    @describe(
        TAG,
        "Your challenges, newest first; without a status all but the archived",
        answer=shapes.ChallengeListSerializer,
        query=shapes.ChallengeQuery,
        example=examples.LIST,
        etag=True,
    )
    def get(self, request):
        values, user = self.query(shapes.ChallengeQuery), request.user
        key = cache.own_list(user.id, values)
        if not key:
            return answered(request, self.page(values))
        midnight = user.midnight()  # of the day before whose end the page is made
        stored = self.snapshot.get(key, lambda: Fresh(to_bytes(self.page(values)), until=midnight))
        return conditional(request, stored)

    def page(self, values):
        found = numbered(self.mine, values["page"], values["limit"])
        return shapes.challenge_list(found, self.request.user.today())

    def keys(self, user_id):
        key = cache.own_list(user_id, self.query(shapes.ChallengeQuery))
        return (key,) if key else ()

    def ahead(self, user_id):
        values = self.query(shapes.ChallengeQuery)
        self.mine = reads.own_challenges(user_id, values.get("status_filter"))
        return first_page(self.mine, values)

    @describe(
        TAG,
        "Create a challenge of one to four habits",
        answer=shapes.ChallengeDetailSerializer,
        status=CREATED,
        body=shapes.ChallengeWriteSerializer,
        problems=(errors.invalid_habits,),
        example=examples.DETAIL,
        keyed=True,
    )
    def post(self, request):
        return once(self, shapes.ChallengeWriteSerializer, self.create)

    def create(self, fields):
        user = self.request.user
        id = services.create_challenge(creator_id=user.id, today=user.today(), **fields)
        return Json(written(id, user), CREATED)


class DiscoverView(ApiView):
    @describe(
        TAG,
        "Public challenges, newest first; without a status those that are pending or active",
        answer=shapes.ChallengeDiscoverSerializer,
        query=shapes.DiscoverQuery,
        example=examples.DISCOVERED,
        etag=True,
    )
    def get(self, request):
        values = self.query(shapes.DiscoverQuery)
        key = cache.discovered(values)
        found = self.shared_page(key, values) if key else walked(discovered(request.user, values), NEWEST, values)
        return answered(request, shapes.challenge_list(found, request.user.today()))

    def keys(self, user_id):
        key = cache.discovered(self.query(shapes.DiscoverQuery))
        return (key, cache.memberships(user_id)) if key else ()

    def shared_page(self, key: Key, values: dict[str, Any]) -> dict[str, Any]:
        """The page that everybody sees, with what the viewer is in each of its challenges."""
        status, page, limit = values.get("status_filter"), values["page"], values["limit"]
        shared = self.snapshot.get(key, lambda: Fresh(to_bytes(reads.discover_page(status, page, limit))))
        found = shapes.shared_page(orjson.loads(shared.body))
        id, roles = self.request.user.id, {}
        if found["rows"]:
            mine = self.snapshot.get(cache.memberships(id), lambda: Fresh(to_bytes(reads.roles(id))))
            roles = orjson.loads(mine.body)
        for row in found["rows"]:
            row["my_role"], row["my_status"] = roles.get(row["id"], (None, None))
        return continued(NEWEST, paged(found["rows"], found["total"], page, limit))


class ChallengeView(ApiView):
    @describe(
        TAG,
        "A challenge with its members and habits",
        answer=shapes.ChallengeDetailSerializer,
        problems=(errors.challenge_not_found, errors.not_a_member),
        example=examples.DETAIL,
        etag=True,
    )
    @replica.may_answer
    def get(self, request, challenge_id):
        id = self.path_id("challenge_id", errors.challenge_not_found)
        row = access.readable_row(id, request.user.id)
        return answered(request, shapes.detail(row, *reads.members_and_habits(id), request.user.today()))

    @describe(
        TAG,
        "Edit a challenge, or move it to another status",
        answer=shapes.ChallengeDetailSerializer,
        body=shapes.ChallengeEditSerializer,
        problems=(
            errors.challenge_not_found,
            errors.not_a_member,
            errors.insufficient_role,
            errors.no_fields,
            errors.invalid_status_transition,
            errors.max_members_below_count,
        ),
        example=examples.DETAIL,
    )
    def patch(self, request, challenge_id):
        changes = self.body(shapes.ChallengeEditSerializer, partial=True)
        id = self.path_id("challenge_id", errors.challenge_not_found)
        who = {"user_id": request.user.id, "today": request.user.today()}
        services.edit_challenge(challenge_id=id, changes=changes, **who)
        return Json(written(id, request.user))

    @describe(
        TAG,
        "Archive a challenge: final, and hidden from lists",
        status=NO_CONTENT,
        problems=(errors.challenge_not_found, errors.not_a_member, errors.insufficient_role),
    )
    def delete(self, request, challenge_id):
        id = self.path_id("challenge_id", errors.challenge_not_found)
        services.archive_challenge(challenge_id=id, user_id=request.user.id)
        return Empty()


def discovered(viewer: Principal, values: dict[str, Any]) -> Rows:
    if values["scope"] == "organization":
        return Challenge.objects.none()  # nobody belongs to an organization yet
    return reads.discovered(viewer.id, values.get("status_filter"), values.get("search"))


def written(challenge_id: UUID, viewer: Principal) -> dict[str, Any]:
    """The answer of a write: as GET reads it, without asking again whether the writer may."""
    row = reads.challenge(challenge_id, viewer.id)
    members, habits = reads.members_and_habits(challenge_id, row)
    return shapes.detail(row.row(), members, habits, viewer.today())
