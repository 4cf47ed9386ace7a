from apps.challenges import access, errors, examples, services
from apps.challenges.models import Membership, MemberStatus
from apps.challenges.serializers import members as shapes
from apps.challenges.serializers.challenges import ChallengeDetailSerializer
from apps.challenges.views.challenges import TAG, written
from apps.core import throttles
from apps.core.answers import Empty, Json
from apps.core.api import ApiView
from apps.core.idempotency import once
from apps.core.schema import NO_CONTENT, describe

JOINS = {"POST": throttles.JOIN}


class JoinByCodeView(ApiView):
    throttled = JOINS

    @describe(
        TAG,
        "Join a challenge by its invite code",
        answer=ChallengeDetailSerializer,
        body=shapes.JoinSerializer,
        problems=(
            errors.invalid_invite_code,
            errors.kicked,
            errors.already_member,
            errors.challenge_closed,
            errors.challenge_full,
        ),
        example=examples.DETAIL,
        keyed=True,
    )
    def post(self, request):
        return once(self, shapes.JoinSerializer, self.join)

    def join(self, values):
        user = self.request.user
        id = services.join_by_code(user_id=user.id, today=user.today(), **values)
        return Json(written(id, user))


class JoinView(ApiView):
    throttled = JOINS

    @describe(
        TAG,
        "Join a public challenge",
        answer=ChallengeDetailSerializer,
        problems=(
            errors.challenge_not_found,
            errors.kicked,
            errors.invite_required,
            errors.already_member,
            errors.challenge_closed,
            errors.challenge_full,
        ),
        example=examples.DETAIL,
    )
    def post(self, request, challenge_id):
        id = self.path_id("challenge_id", errors.challenge_not_found)
        services.join_challenge(challenge_id=id, user_id=request.user.id, today=request.user.today())
        return Json(written(id, request.user))


class LeaveView(ApiView):
    @describe(
        TAG,
        "Leave a challenge; your statistics stay",
        answer=shapes.LeftSerializer,
        problems=(
            errors.challenge_not_found,
            errors.not_a_member,
            errors.kicked,
            errors.creator_cannot_leave,
            errors.already_left,
        ),
        example=examples.LEFT,
    )
    def post(self, request, challenge_id):
        id = self.path_id("challenge_id", errors.challenge_not_found)
        services.leave_challenge(challenge_id=id, user_id=request.user.id)
        return Json({"message": "Successfully left the challenge."})


class MemberListView(ApiView):
    @describe(
        TAG,
        "Members by the time they joined; without a status all but the kicked",
        answer=shapes.ChallengeMemberSerializer(many=True),
        query=shapes.MemberQuery,
        problems=(errors.challenge_not_found, errors.not_a_member, errors.insufficient_role),
        example=[examples.MEMBER],
    )
    def get(self, request, challenge_id):
        values = self.query(shapes.MemberQuery)
        id = self.path_id("challenge_id", errors.challenge_not_found)
        mine = access.member_row(id, request.user.id)
        if values.get("status") == MemberStatus.KICKED and mine["my_role"] not in access.MANAGERS:
            raise errors.insufficient_role()
        start = (values["page"] - 1) * values["limit"]
        rows = Membership.objects.for_list(id, values.get("status"))[start : start + values["limit"]]
        return Json([shapes.member(row) for row in rows])


class MemberView(ApiView):
    @describe(
        TAG,
        "Make a member an admin, or an admin a member",
        answer=shapes.ChallengeMemberSerializer,
        body=shapes.RoleSerializer,
        problems=(
            errors.challenge_not_found,
            errors.not_a_member,
            errors.insufficient_role,
            errors.member_not_found,
            errors.cannot_change_creator,
        ),
        example=examples.MEMBER | {"role": "admin"},
    )
    def patch(self, request, challenge_id, user_id):
        role = self.body(shapes.RoleSerializer)["role"]
        row = services.change_role(**self.member_ids(), manager_id=request.user.id, role=role)
        return Json(shapes.member(row))

    @describe(
        TAG,
        "Remove a member for good",
        status=NO_CONTENT,
        problems=(
            errors.challenge_not_found,
            errors.not_a_member,
            errors.insufficient_role,
            errors.cannot_remove_self,
            errors.member_not_found,
            errors.cannot_remove_creator,
        ),
    )
    def delete(self, request, challenge_id, user_id):
        services.remove_member(**self.member_ids(), manager_id=request.user.id)
        return Empty()

    def member_ids(self):
        return {
            "challenge_id": self.path_id("challenge_id", errors.challenge_not_found),
            "user_id": self.path_id("user_id", errors.member_not_found),
        }
