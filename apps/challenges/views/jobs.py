from apps.challenges import examples
from apps.challenges.serializers.jobs import AutoCompletedSerializer
from apps.core.answers import Json
from apps.core.api import ApiView
from apps.core.errors import staff_only
from apps.core.schema import describe
from apps.jobs.services import run_job

TAG = "Administration"


class AutoCompleteView(ApiView):
    @describe(
        TAG,
        "Start and end the challenges that are due, now",
        answer=AutoCompletedSerializer,
        problems=(staff_only,),
        example=examples.AUTO_COMPLETED,
    )
    def post(self, request):
        if not request.user.is_staff:
            raise staff_only()
        run = run_job("auto-complete")
        return Json({"success": True, "message": run.message, "data": run.counts | {"duration_ms": run.duration_ms}})
