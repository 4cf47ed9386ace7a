from apps.accounts.cache import facts
from apps.challenges.access import member_row
from apps.challenges.errors import challenge_closed, challenge_not_found, challenge_not_started, not_a_member
from apps.checkins import boards, errors, examples, reads, serializers, services
from apps.checkins.serializers import (
    CaptionSerializer,
    CheckinCreatedSerializer,
    CheckinListSerializer,
    CheckinQuery,
    CheckinSerializer,
    CheckinWriteSerializer,
    FeedQuery,
    ProgressQuery,
    ProgressSerializer,
    TodayHabitSerializer,
)
from apps.core import replica
from apps.core.answers import Empty, Json
from apps.core.api import ApiView
from apps.core.idempotency import once
from apps.core.pagination import Cursor, behind, walked
from apps.core.schema import CREATED, NO_CONTENT, describe

TAG = "Check-ins"
ORDER = {"checkin_date": "date", "created_at": "datetime", "id": "uuid"}
OWN = Cursor("checkins", **ORDER)
FEED = Cursor("feed", **ORDER)


class CheckinListView(ApiView):
    @describe(
        TAG, "Your check-ins, newest first", answer=CheckinListSerializer, query=CheckinQuery, example=examples.LIST
    )
    @replica.may_answer
    def get(self, request):
        values = self.query(CheckinQuery)
        own = reads.own_check_ins(request.user.id, values.get("challenge_id"))
        return Json(serializers.list_of(walked(own, OWN, values), request.user.id))

    @describe(
        TAG,
        "Check in: one habit of one challenge, today",
        answer=CheckinCreatedSerializer,
        status=CREATED,
        body=CheckinWriteSerializer,
        problems=(
            challenge_not_found,
            not_a_member,
            challenge_closed,
            challenge_not_started,
            errors.habit_not_in_challenge,
            errors.evidence_required,
            errors.evidence_type_mismatch,
            errors.already_checked_in,
        ),
        example=examples.CREATED,
        keyed=True,
    )
    def post(self, request):
        return once(self, CheckinWriteSerializer, self.check_in)

    def check_in(self, values):
        user_id = self.request.user.id
        recorded = services.record_check_in(user_id=user_id, seen=self.seen(facts(user_id)), **values)
        return Json(serializers.created(recorded), CREATED)


class CheckinView(ApiView):
    @describe(
        TAG,
        "One check-in",
        answer=CheckinSerializer,
        problems=(errors.checkin_not_found, not_a_member),
        example=examples.CHECKIN,
    )
    def get(self, request, checkin_id):
        check_in_id = self.path_id("checkin_id", errors.checkin_not_found)
        row = reads.check_in(check_in_id, request.user.id)
        if not row:
            raise errors.checkin_not_found()
        if not row.pop("may_read"):
            raise not_a_member()
        return Json(row)

    @describe(
        TAG,
        "Change the caption of today's check-in",
        answer=CheckinSerializer,
        body=CaptionSerializer,
        problems=(
            errors.checkin_not_found,
            errors.not_owner,
            errors.no_fields,
            errors.not_today,
            errors.evidence_required,
        ),
        example=examples.CHECKIN,
    )
    def patch(self, request, checkin_id):
        changes = self.body(CaptionSerializer, partial=True)
        check_in_id = self.path_id("checkin_id", errors.checkin_not_found)
        check_in = services.edit_caption(user_id=request.user.id, check_in_id=check_in_id, **changes)
        return Json(serializers.checkin(check_in))

    @describe(
        TAG,
        "Take a check-in back: with its points on the day it was made, later without",
        status=NO_CONTENT,
        problems=(errors.checkin_not_found, errors.not_owner),
    )
    def delete(self, request, checkin_id):
        check_in_id, user_id = self.path_id("checkin_id", errors.checkin_not_found), request.user.id
        services.delete_check_in(user_id=user_id, check_in_id=check_in_id, seen=self.seen(facts(user_id)))
        return Empty()


class TodayView(ApiView):
    @describe(
        TAG,
        "Who has checked in today, habit by habit",
        answer=TodayHabitSerializer(many=True),
        problems=(challenge_not_found, not_a_member),
        example=[examples.TODAY],
    )
    @replica.may_answer
    def get(self, request, challenge_id):
        id = self.path_id("challenge_id", challenge_not_found)
        member_row(id, request.user.id)
        board = boards.read_board(id, request.user.today())
        return Json(boards.today(board, request.user.id))


class TodayAliasView(TodayView):
    """The same under the challenge's own path; OpenAPI lists it once."""

    schema = None


class ProgressView(ApiView):
    @describe(
        "Challenges",
        "Who has done which habit on a day (your today by default)",
        answer=ProgressSerializer,
        query=ProgressQuery,
        problems=(challenge_not_found, not_a_member),
        example=examples.PROGRESS,
    )
    @replica.may_answer
    def get(self, request, challenge_id):
        day = self.query(ProgressQuery).get("target_date") or request.user.today()
        id = self.path_id("challenge_id", challenge_not_found)
        member_row(id, request.user.id)
        return Json(boards.progress(boards.read_board(id, day), id, day))


class FeedView(ApiView):
    @describe(
        "Challenges",
        "All check-ins of a challenge, newest first, by cursor",
        answer=CheckinListSerializer,
        query=FeedQuery,
        problems=(challenge_not_found, not_a_member),
        example=examples.FEED,
    )
    @replica.may_answer
    def get(self, request, challenge_id):
        values = self.query(FeedQuery)
        position = FEED.decode(values["cursor"]) if "cursor" in values else None
        id = self.path_id("challenge_id", challenge_not_found)
        member_row(id, request.user.id)
        feed = reads.feed(id, values.get("date"))
        found = behind(FEED.after(feed, position) if position else feed, FEED, values["limit"])
        return Json(serializers.list_of(found, request.user.id))
