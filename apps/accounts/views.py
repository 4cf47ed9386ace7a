from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from apps.accounts import cache, errors, examples, reads, serializers, services
from apps.accounts.models import User
from apps.core import throttles
from apps.core.answers import Json, success, to_bytes
from apps.core.api import ApiView, OpenView
from apps.core.cache_values import Fresh, Kind, Value
from apps.core.compiled import Call
from apps.core.conditional import conditional
from apps.core.errors import invalid_token
from apps.core.schema import CREATED, SuccessSerializer, describe

AUTH, USERS = "Authentication", "Users"
LOG_INS = {"POST": throttles.AUTH}


class SignupView(OpenView):
    throttled = LOG_INS

    @describe(
        AUTH,
        "Create an account and log in",
        answer=serializers.TokensSerializer,
        status=CREATED,
        body=serializers.SignupSerializer,
        problems=(errors.email_taken,),
        example=examples.TOKENS,
        open=True,
    )
    def post(self, request):
        grant = services.sign_up(**self.body(serializers.SignupSerializer))
        return Json(serializers.tokens(grant), CREATED)


class LoginView(OpenView):
    throttled = LOG_INS

    @describe(
        AUTH,
        "Log in",
        answer=serializers.TokensSerializer,
        body=serializers.LoginSerializer,
        problems=(errors.login_locked, errors.invalid_credentials),
        example=examples.TOKENS,
        open=True,
    )
    def post(self, request):
        return Json(serializers.tokens(services.log_in(**self.body(serializers.LoginSerializer))))


class RefreshView(OpenView):
    throttled = LOG_INS

    @describe(
        AUTH,
        "Trade a refresh token for new tokens; it works once",
        answer=serializers.TokensSerializer,
        body=serializers.RefreshSerializer,
        problems=(invalid_token,),
        example=examples.TOKENS,
        open=True,
    )
    def post(self, request):
        return Json(serializers.tokens(services.refresh(**self.body(serializers.RefreshSerializer))))


class PasswordView(ApiView):
    throttled = LOG_INS

    @describe(
        AUTH,
        "Change the password; every older token ends",
        answer=serializers.TokensSerializer,
        body=serializers.PasswordChangeSerializer,
        problems=(errors.login_locked, errors.wrong_password),
        example=examples.TOKENS,
    )
    def post(self, request):
        passwords = self.body(serializers.PasswordChangeSerializer)
        return Json(serializers.tokens(services.change_password(principal=request.user, **passwords)))


class VerifyView(ApiView):
    @describe(AUTH, "Is this access token good?", answer=serializers.VerifiedSerializer, example=examples.VERIFIED)
    def post(self, request):
        account = reads.account(request.user.id).row()
        return Json({"valid": True, "user_id": account["id"], "email": account["email"]})


class OwnView(ApiView):
    """Something about the caller that the cache keeps until the caller's midnight: a shown streak is part of it."""

    kind: Kind
    read: Callable[[UUID], Call]
    shape: Callable[[dict[str, Any]], dict[str, Any]]
    """Makes the answer of the row."""

    def keys(self, user_id):
        return (cache.of_user(self.kind, user_id),)

    def ahead(self, user_id):
        self.facts = self.read(user_id)
        return (self.facts,)

    def value(self) -> Value:
        user = self.request.user
        midnight = user.midnight()  # of the day before whose end the answer is made
        return self.snapshot.get(
            cache.of_user(self.kind, user.id), lambda: Fresh(to_bytes(self.shape(self.facts.row())), until=midnight)
        )


class AuthMeView(OwnView):
    kind, read, shape = cache.ACCOUNT, staticmethod(reads.account), staticmethod(serializers.auth_user)

    @describe(AUTH, "Who is logged in", answer=serializers.AuthUserSerializer, example=examples.AUTH_USER)
    def get(self, request):
        return Json(self.value().body)


class LogoutView(ApiView):
    @describe(AUTH, "End this session", answer=SuccessSerializer, example=examples.LOGGED_OUT)
    def post(self, request):
        services.log_out(user_id=request.user.id, session_id=request.auth.session_id)
        return success("Logged out.")


class MeView(OwnView):
    kind, read, shape = cache.PROFILE, staticmethod(reads.profile), staticmethod(serializers.user_profile)

    @describe(USERS, "Your profile", answer=serializers.UserProfileSerializer, example=examples.USER_PROFILE, etag=True)
    def get(self, request):
        return conditional(request, self.value())

    @describe(
        USERS,
        "Change your profile; fields that are not sent stay",
        answer=serializers.UserProfileSerializer,
        body=serializers.ProfileWriteSerializer,
        problems=(errors.no_fields,),
        example=examples.USER_PROFILE,
    )
    def patch(self, request):
        changes = self.body(serializers.ProfileWriteSerializer, partial=True)
        if not changes:
            raise errors.no_fields()
        services.update_profile(user_id=request.user.id, **changes)
        return Json(serializers.user_profile(reads.profile(request.user.id).row()))

    @describe(
        USERS,
        "The same as PATCH",
        answer=serializers.UserProfileSerializer,
        body=serializers.ProfileWriteSerializer,
        problems=(errors.no_fields,),
        example=examples.USER_PROFILE,
    )
    def put(self, request):
        return self.patch(request)


class MyStatsView(OwnView):
    kind, read, shape = cache.STATS, staticmethod(reads.stats), staticmethod(serializers.user_stats)

    @describe(USERS, "Your statistics", answer=serializers.UserStatsSerializer, example=examples.USER_STATS)
    def get(self, request):
        return Json(self.value().body)


class UserSearchView(ApiView):
    @describe(
        USERS,
        "Find people by a part of their display name or by their whole e-mail address",
        answer=serializers.UserFoundSerializer(many=True),
        query=serializers.UserSearchQuery,
        example=[examples.USER_FOUND],
    )
    def get(self, request):
        query = self.query(serializers.UserSearchQuery)
        found = list(User.objects.for_search(query["q"], request.user.id)[: query["limit"]])
        shared = User.objects.newest_shared([row["id"] for row in found], request.user.id)
        return Json([serializers.user_found(row, shared) for row in found])


class UserView(ApiView):
    @describe(
        USERS,
        "The profile of someone who is with you in a challenge, or of a friend",
        answer=serializers.PublicProfileSerializer,
        problems=(errors.user_not_found, errors.profile_private),
        example=examples.PUBLIC_PROFILE,
    )
    def get(self, request, user_id: str):
        asked = self.path_id("user_id", errors.user_not_found)
        stored = self.snapshot.get(cache.of_user(cache.PUBLIC, asked), lambda: public_facts(asked))
        is_you = asked == request.user.id
        if not (is_you or reads.shares_challenge(asked, request.user.id)):
            raise errors.profile_private()
        return Json(serializers.public_profile(orjson.loads(stored.body), is_you=is_you))

    def keys(self, user_id):
        return (cache.of_user(cache.PUBLIC, self.path_id("user_id", errors.user_not_found)),)


def public_facts(user_id: UUID) -> Fresh:
    """What anybody who may look sees of a person; the shown streak is worked out from it for each day."""
    facts = reads.public_facts(user_id)
    if not facts:
        raise errors.user_not_found()
    return Fresh(to_bytes(facts))
