from apps.core.answers import Empty, Json, success, to_bytes
from apps.core.api import ApiView
from apps.core.cache_values import Fresh
from apps.core.conditional import answered
from apps.core.pagination import Cursor, first_page, walked
from apps.core.schema import NO_CONTENT, SuccessSerializer, describe
from apps.notifications import cache, errors, reads, services
from apps.notifications.serializers import (
    MarkReadSerializer,
    NotificationListSerializer,
    NotificationQuery,
    PushTokenSerializer,
    UnreadCountSerializer,
)

TAG = "Notifications"
NEWEST = Cursor("notifications", created_at="datetime", id="uuid")
LIST = {
    "items": [
        {
            "id": "019cad98-1c80-7d2a-9e57-0d5a8f3c2b01",
            "user_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e01",
            "type": "member_joined",
            "title": "New member!",
            "body": "bob joined your challenge 'March moves'.",
            "data": {
                "challenge_id": "019ca8e4-43c0-7b52-9c0e-6a7f0f6f2bc1",
                "challenge_name": "March moves",
                "user_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e02",
            },
            "action_url": "/challenges/019ca8e4-43c0-7b52-9c0e-6a7f0f6f2bc1",
            "is_read": False,
            "read_at": None,
            "created_at": "2026-03-02T07:00:00Z",
            "expires_at": "2026-04-01T07:00:00Z",
        }
    ],
    "total": 1,
    "page": 1,
    "limit": 20,
    "pages": 1,
    "next_cursor": None,
}


class NotificationListView(ApiView):
    @describe(
        TAG,
        "Your notifications, newest first",
        answer=NotificationListSerializer,
        query=NotificationQuery,
        example=LIST,
        etag=True,
    )
    def get(self, request):
        values = self.query(NotificationQuery)
        found = walked(self.inbox, NEWEST, values)
        return answered(request, {"items": found.pop("rows"), **found})

    def ahead(self, user_id):
        values = self.query(NotificationQuery)
        self.inbox = reads.inbox(user_id, unread_only=values["unread_only"])
        return first_page(self.inbox, values)


class UnreadCountView(ApiView):
    @describe(TAG, "How many are unread", answer=UnreadCountSerializer, example={"count": 3})
    def get(self, request):
        return Json(self.snapshot.get(cache.unread(request.user.id), self.counted).body)

    def counted(self):
        count, first_expiry = self.unread.tuples()[0]
        return Fresh(to_bytes({"count": count}), first_expiry)

    def keys(self, user_id):
        return (cache.unread(user_id),)

    def ahead(self, user_id):
        self.unread = reads.unread(user_id)
        return (self.unread,)


class MarkReadView(ApiView):
    @describe(
        TAG,
        "Mark some as read; ids that are not yours are ignored",
        answer=SuccessSerializer,
        body=MarkReadSerializer,
        example={"success": True, "message": "Marked 2 notification(s) as read", "data": None},
    )
    def post(self, request):
        marked = services.mark_read(user_id=request.user.id, **self.body(MarkReadSerializer))
        return _marked(marked)


class MarkAllReadView(ApiView):
    @describe(
        TAG,
        "Mark all as read",
        answer=SuccessSerializer,
        example={"success": True, "message": "Marked 3 notification(s) as read", "data": None},
    )
    def post(self, request):
        return _marked(services.mark_all_read(user_id=request.user.id))


class NotificationView(ApiView):
    @describe(TAG, "Delete one", status=NO_CONTENT, problems=(errors.notification_not_found,))
    def delete(self, request, notification_id):
        id = self.path_id("notification_id", errors.notification_not_found)
        services.delete_notification(user_id=request.user.id, notification_id=id)
        return Empty()


class PushTokenRegisterView(ApiView):
    @describe(
        TAG,
        "Receive pushes on this device",
        answer=SuccessSerializer,
        body=PushTokenSerializer,
        problems=(errors.invalid_push_token,),
        example={"success": True, "message": "Push token registered.", "data": None},
    )
    def post(self, request):
        services.register_push_token(user_id=request.user.id, **self.body(PushTokenSerializer))
        return success("Push token registered.")


class PushTokenView(ApiView):
    @describe(
        TAG,
        "Receive no more pushes",
        answer=SuccessSerializer,
        example={"success": True, "message": "Push token unregistered.", "data": None},
    )
    def delete(self, request):
        services.forget_push_token(user_id=request.user.id)
        return success("Push token unregistered.")


def _marked(count: int) -> Json:
    return success(f"Marked {count} notification(s) as read")
