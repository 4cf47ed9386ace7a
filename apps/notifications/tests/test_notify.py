"""Writing notifications."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from apps.core import clock
from apps.notifications.models import Notification, NotificationType
from apps.notifications.services import notify

pytestmark = pytest.mark.django_db


def tell(*users, **options):
    texts = {"title": "Title", "body": "Body", "data": {"n": 1}} | options
    notify([user.pk for user in users], NotificationType.STREAK_MILESTONE, **texts)


class TestNotify:
    def test_it_works(self, member, owner):
        tell(member, owner, action_url="/x")
        row = Notification.objects.get(user=member)
        assert (row.title, row.body, row.data, row.action_url) == ("Title", "Body", {"n": 1}, "/x")
        assert (row.is_read, row.read_at, row.dedupe_key) == (False, None, None)
        assert Notification.objects.count() == 2

    @override_settings(NOTIFICATION_EXPIRY_HOURS=5)
    def test_it_expires_after_the_hours_of_the_settings(self, member):
        tell(member)
        row = Notification.objects.get()
        assert row.expires_at - row.created_at == timedelta(hours=5)
        with clock.standing_at(row.created_at + timedelta(hours=5)):
            assert not Notification.objects.visible_to(member.pk, clock.now()).exists()

    def test_the_second_for_one_event_is_dropped_silently(self, member, owner):
        tell(member, dedupe_key="streak:7:2026-03-02")
        tell(member, owner, dedupe_key="streak:7:2026-03-02")
        assert set(Notification.objects.values_list("user_id", flat=True)) == {member.pk, owner.pk}
        assert Notification.objects.count() == 2

    def test_without_a_key_each_is_an_event_of_its_own(self, member):
        tell(member), tell(member)
        assert Notification.objects.count() == 2

    def test_long_texts_are_cut(self, member):
        tell(member, title="é" * 201, body="x" * 501)
        row = Notification.objects.get()
        assert (row.title, row.body) == ("é" * 199 + "…", "x" * 499 + "…")

    def test_it_goes_with_the_cause_that_is_rolled_back(self, member):
        with transaction.atomic():
            tell(member)
            transaction.set_rollback(True)
        assert Notification.objects.count() == 0

    def test_it_is_one_statement_for_many_and_none_for_nobody(self, member, owner, outsider, django_assert_num_queries):
        with django_assert_num_queries(1):
            tell(member, owner, outsider, dedupe_key="x")
        with django_assert_num_queries(0):
            tell(dedupe_key="x")
