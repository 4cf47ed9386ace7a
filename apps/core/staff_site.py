"""Sessions and messages for the pages of staff only: an API request uses none of them and pays for none."""

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware

API = "/api/"


class StaffOnly:
    """Steps aside for the API."""

    def __call__(self, request):
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)


class Session(StaffOnly, SessionMiddleware):
    pass


class Authentication(StaffOnly, AuthenticationMiddleware):
    pass


class Messages(StaffOnly, MessageMiddleware):
    pass
