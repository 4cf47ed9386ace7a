from functools import partial

from apps.accounts.models import User
from apps.challenges.models import Membership
from apps.core.clock import DAY
from apps.profiling.tests.scenarios.registry import scenario

# Members of whatever starts or ends are told, and their lists expired: forty times 22, and who is locked.
TOLD = 40 * 22 + 100
LOCKED = dict.fromkeys(("twenty", "five_years", "full_house"), 3000)  # to lock a row costs as much as to write it


@scenario(
    "POST",
    "admin/jobs/auto-complete",
    rows=TOLD,
    buffers=LOCKED,
)
def auto_complete(world):
    """As many dares are due to start as the size says, and as many to end, each with the whole crowd."""
    User.objects.filter(pk=world.me.pk).update(is_staff=True)
    for number in range(world.size):
        starts = {"status": "pending", "start_date": world.today - DAY, "end_date": world.today + 9 * DAY}
        world.new_dare(world.owner, *world.crowd, name=f"Starts {number}", **starts)
        over = {"start_date": world.today - 9 * DAY, "end_date": world.today - 3 * DAY}
        dare = world.new_dare(world.owner, *world.crowd, name=f"Ends {number}", **over)
        Membership.objects.filter(challenge=dare).update(total_checkins=7 * 4)
    return partial(world.api.post, "/api/v1/admin/jobs/auto-complete")
