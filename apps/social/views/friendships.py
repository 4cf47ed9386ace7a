from apps.accounts.errors import user_not_found
from apps.core.answers import Json, success
from apps.core.api import ApiView
from apps.core.pagination import first_page, numbered
from apps.core.schema import CREATED, SuccessSerializer, describe
from apps.social import errors, examples, reads
from apps.social.serializers import friendships as shapes
from apps.social.services import friendships as services

TAG = "Friends"


class FriendListView(ApiView):
    @describe(
        TAG,
        "Your friends, newest first; or who has not answered yet, or all that you and others were asked",
        answer=shapes.FriendListSerializer,
        query=shapes.FriendQuery,
        example=examples.FRIENDS,
    )
    def get(self, request):
        values = self.query(shapes.FriendQuery)
        found = numbered(self.friends, values["page"], values["limit"])
        return Json({"friends": [shapes.friend(row) for row in found["rows"]], "total": found["total"]})

    def ahead(self, user_id):
        values = self.query(shapes.FriendQuery)
        self.friends = reads.friends(user_id, values["status_filter"])
        return first_page(self.friends, values)


class FriendRequestView(ApiView):
    @describe(
        TAG,
        "Ask somebody to be your friend",
        answer=shapes.FriendshipSerializer,
        status=CREATED,
        body=shapes.FriendRequestWriteSerializer,
        problems=(
            user_not_found,
            errors.request_refused,
            errors.self_request,
            errors.already_friends,
            errors.request_exists,
        ),
        example=examples.FRIENDSHIP,
    )
    def post(self, request):
        addressee_id = self.body(shapes.FriendRequestWriteSerializer)["addressee_id"]
        return Json(services.request_friendship(requester_id=request.user.id, addressee_id=addressee_id), CREATED)


class FriendRequestListView(ApiView):
    @describe(
        TAG,
        "Requests that wait: for your answer, and for that of others",
        answer=shapes.FriendRequestListSerializer,
        query=shapes.HundredQuery,
        example=examples.REQUESTS,
    )
    def get(self, request):
        page = self.query(shapes.HundredQuery)
        received, sent = (numbered(rows, **page) for rows in (self.received, self.sent))
        return Json(
            {
                "received": [shapes.friend_request(row) for row in received["rows"]],
                "sent": [shapes.friend_request(row) for row in sent["rows"]],
                "received_count": received["total"],
                "sent_count": sent["total"],
            }
        )

    def ahead(self, user_id):
        page = self.query(shapes.HundredQuery)
        self.received, self.sent = reads.received(user_id), reads.sent(user_id)
        return (*first_page(self.received, page), *first_page(self.sent, page))


class FriendRespondView(ApiView):
    @describe(
        TAG,
        "Accept or reject a request, or block who sent it",
        answer=shapes.FriendshipSerializer,
        body=shapes.FriendRespondSerializer,
        problems=(errors.friendship_not_found, errors.not_addressee, errors.request_not_pending),
        example=examples.ANSWERED,
    )
    def post(self, request, friendship_id):
        action = self.body(shapes.FriendRespondSerializer)["action"]
        id = self.path_id("friendship_id", errors.friendship_not_found)
        return Json(services.respond_to_request(friendship_id=id, user_id=request.user.id, action=action))


class FriendView(ApiView):
    @describe(
        TAG,
        "Remove a friend; or take back a request, a rejection or your block",
        answer=SuccessSerializer,
        problems=(errors.self_removal, errors.friendship_not_found),
        example=examples.REMOVED,
    )
    def delete(self, request, user_id):
        other_id = self.path_id("user_id", errors.friendship_not_found)
        services.remove_friend(user_id=request.user.id, other_id=other_id)
        return success("Friend removed.")
