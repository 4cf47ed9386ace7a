from apps.accounts import errors, examples, reads, serializers, services
from apps.accounts.models import User
from apps.core.answers import Json, success
from apps.core.api import ApiView, OpenView
from apps.core.errors import invalid_token
from apps.core.schema import CREATED, SuccessSerializer, describe

AUTH, USERS = "Authentication", "Users"


class SignupView(OpenView):
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
        account = reads.account(request.user.id)
        return Json({"valid": True, "user_id": account["id"], "email": account["email"]})


class AuthMeView(ApiView):
    @describe(AUTH, "Who is logged in", answer=serializers.AuthUserSerializer, example=examples.AUTH_USER)
    def get(self, request):
        return Json(serializers.auth_user(reads.account(request.user.id)))


class LogoutView(ApiView):
    @describe(AUTH, "End this session", answer=SuccessSerializer, example=examples.LOGGED_OUT)
    def post(self, request):
        services.log_out(session_id=request.auth.session_id)
        return success("Logged out.")


class MeView(ApiView):
    @describe(USERS, "Your profile", answer=serializers.UserProfileSerializer, example=examples.USER_PROFILE)
    def get(self, request):
        return Json(serializers.user_profile(reads.profile(request.user.id)))

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
        return self.get(request)

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


class MyStatsView(ApiView):
    @describe(USERS, "Your statistics", answer=serializers.UserStatsSerializer, example=examples.USER_STATS)
    def get(self, request):
        return Json(serializers.user_stats(reads.stats(request.user.id)))


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
        profile, is_you = reads.public_profile(asked, request.user.id), asked == request.user.id
        if not profile:
            raise errors.user_not_found()
        if not (is_you or profile["shares_challenge"]):
            raise errors.profile_private()
        return Json(serializers.public_profile(profile, is_you=is_you))
