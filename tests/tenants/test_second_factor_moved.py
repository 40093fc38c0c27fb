"""Operators who had a second factor before everybody could have one keep it (migration operator.0004)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from tenants import sealing
from tenants.context import activate_public
from tenants.identity.models import SecondFactor, User
from tenants.identity.second_factor import codes
from tenants.ids import uuid7
from tenants.operator.models import Operator
from tests.tenants.operators import code_of


def test_operators_keep_app_and_unused_codes(database: Any) -> None:
    secret, paper = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "abcd-efgh-jkmn"
    with activate_public(), connection.cursor() as cursor:
        old = User.objects.create_user("old@example.com", "x", is_operator=True)
        new = User.objects.create_user("new@example.com", "x", is_operator=True)
        Operator.objects.create(user=old)
        Operator.objects.create(user=new)
        cursor.execute(
            "UPDATE operator_operator SET totp_secret = %s, totp_confirmed_at = %s, totp_last_step = 7 WHERE user_id = %s",
            [sealing.seal(secret), timezone.now(), old.pk],
        )
        for used_at, code in ((None, paper), (timezone.now(), "used-used-used")):
            cursor.execute(
                "INSERT INTO operator_recovery_code (id, operator_id, code_hash, used_at) VALUES (%s, %s, %s, %s)",
                [uuid7(), old.pk, codes._hash(code), used_at],
            )
        state = MigrationLoader(connection).project_state(
            [("operator", "0003_acts_on_the_installation"), ("identity", "0008_second_factor")]
        )
        import_module("tenants.operator.migrations.0004_second_factor_moved").move(state.apps, None)
        old.refresh_from_db()
        assert old.has_second_factor and SecondFactor.objects.get().last_step == 7
        assert codes.verify(old, "used-used-used") is None and codes.verify(old, paper) == "recovery"
        assert codes.verify(old, code_of(secret)) == "totp"
        assert not User.objects.get(pk=new.pk).has_second_factor
