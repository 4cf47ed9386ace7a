from apps.challenges.errors import challenge_closed, challenge_not_found, challenge_not_started, not_a_member
from apps.core.answers import Json
from apps.core.api import ApiView
from apps.core.idempotency import once
from apps.core.schema import describe
from apps.social import examples
from apps.social.errors import habit_not_found, no_hitches_remaining, no_valid_targets
from apps.social.serializers import hitches as serializers
from apps.social.serializers.hitches import HitchRefusedSerializer, HitchSentSerializer, HitchWriteSerializer
from apps.social.services.hitches import send_hitches


class HitchView(ApiView):
    @describe(
        "Hitch",
        "Remind members of a challenge who have not done a habit today",
        answer=HitchSentSerializer,
        body=HitchWriteSerializer,
        problems=(
            challenge_not_found,
            not_a_member,
            habit_not_found,
            challenge_closed,
            challenge_not_started,
            no_hitches_remaining,
            no_valid_targets,
        ),
        refusal=HitchRefusedSerializer,
        example=examples.HITCHED,
        keyed=True,
    )
    def post(self, request):
        return once(self, HitchWriteSerializer, self.hitch)

    def hitch(self, values):
        return Json(serializers.sent(send_hitches(sender_id=self.request.user.id, **values)))
