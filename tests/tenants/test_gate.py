"""While others are there, who uses much is served one request at a time, and nobody else waits for him (F11)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.test import Client

from tenants import gate as room
from tenants import hosts
from tenants.gate import Busy, Gate
from tenants.models import Tenant


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def used(gate: Gate, clock: Clock, key: str, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        while not gate._may_run(key, gate._user(key), clock.now):
            clock.now += 0.05
        with gate.passing(key):
            clock.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def is_held_back(gate: Gate, clock: Clock, key: str) -> bool:
    """Whether another request of ``key`` would have to wait beside a running one."""
    clock.now += room.LONGEST_REST
    with gate.passing(key):
        entered = threading.Event()

        def try_it() -> None:
            with gate.passing(key):
                entered.set()

        thread = threading.Thread(target=try_it, daemon=True)
        thread.start()
        held = not entered.wait(0.2)
    clock.now += room.LONGEST_WAIT
    thread.join(5)
    assert not thread.is_alive()  # whoever waits is served in the end
    return held


def test_who_uses_little_is_never_held_back(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "loud", 0.02, times=400)
    used(gate, clock, "quiet", 0.02, times=3)
    assert not is_held_back(gate, clock, "quiet")


def test_who_uses_much_is_served_one_by_one_while_others_are_there(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "quiet", 0.02)
    used(gate, clock, "loud", 0.5, times=6)
    used(gate, clock, "quiet", 0.02)
    assert is_held_back(gate, clock, "loud")


@pytest.mark.parametrize(
    ("waiting", "least", "most"), [(None, 0.25, 0.5), (1.0, 0.25, 0.5), (0.0, 0.75, 1.0)]
)
def test_heavy_users_together_get_a_third_while_others_wait_for_the_processors(
    clock: Clock, waiting: float | None, least: float, most: float
) -> None:
    """Without knowing it is taken for granted that they do; when nobody waits nothing is left unused."""
    gate = Gate(8, clock, waited=None if waiting is None else lambda: waiting * clock.now)
    used(gate, clock, "loud", 0.5, times=5)
    used(gate, clock, "louder", 0.5, times=5)
    used(gate, clock, "quiet", 0.02)
    served = 0.0
    began = clock.now
    while clock.now < began + 60:
        used(gate, clock, f"quiet {int(clock.now) % 10}", 0.02)
        clock.now += 0.02
        now = clock.now
        for key in ("loud", "louder"):
            if gate._may_run(key, gate._user(key), now):
                used(gate, clock, key, 0.2)
                served += 0.2
                break
    # what they may use before they count as heavy comes on top
    assert least <= served / (clock.now - began) <= most


def test_with_hardly_anybody_else_there_nothing_is_left_unused(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "loud", 0.5, times=5)
    used(gate, clock, "quiet", 0.02)
    served, began = 0.0, clock.now
    seen = began
    while clock.now < began + 60:
        if clock.now > seen + 2:
            seen = clock.now
            used(gate, clock, "quiet", 0.005)
        clock.now += 0.005
        if gate._may_run("loud", gate._user("loud"), clock.now):
            used(gate, clock, "loud", 0.2)
            served += 0.2
    assert served / (clock.now - began) > 0.8


def test_alone_he_may_use_everything(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "quiet", 0.02)
    clock.now += room.NEAR_SECONDS
    used(gate, clock, "loud", 0.5, times=12)
    assert not is_held_back(gate, clock, "loud")


def test_what_was_used_is_forgotten(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "loud", 0.5, times=6)
    clock.now += 5 * room.HALF_LIFE
    used(gate, clock, "quiet", 0.02)
    assert not is_held_back(gate, clock, "loud")


def test_a_slow_upload_does_not_make_a_heavy_user_for_long(clock: Clock) -> None:
    gate = Gate(8, clock)
    used(gate, clock, "up", 600.0)
    used(gate, clock, "quiet", 0.02)
    clock.now += room.HALF_LIFE
    assert not is_held_back(gate, clock, "up")


def test_real_threads_the_quiet_one_passes_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HEAVY_SHARE", 0.001)
    gate = Gate(8)
    together, most, refused = 0, 0, 0
    counted = threading.Lock()
    stop = threading.Event()

    def crowd() -> None:
        nonlocal together, most, refused
        while not stop.is_set():
            try:
                with gate.passing("loud"):
                    with counted:
                        together += 1
                        most = max(most, together)
                    time.sleep(0.02)
                    with counted:
                        together -= 1
            except Busy:
                with counted:
                    refused += 1
                time.sleep(0.01)

    with gate.passing("loud"):
        time.sleep(0.03)
    with gate.passing("quiet"):
        pass
    threads = [threading.Thread(target=crowd) for _ in range(12)]
    for thread in threads:
        thread.start()
    served = 0
    for _ in range(20):
        with gate.passing("quiet"):
            served += 1
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert served == 20
    assert most == 1 and refused > 0
    assert not gate._waiters and not gate._users["loud"].running and not gate._users["loud"].waiting


def test_where_everything_is_slow_nobody_is_heavy_for_that(clock: Clock) -> None:
    gate = Gate(8, clock)
    for _ in range(20):
        for number in range(12):
            used(gate, clock, f"one {number}", 0.4)
    assert not any(is_held_back(gate, clock, f"one {number}") for number in (0, 11))


def test_a_failing_request_gives_its_place_back(clock: Clock) -> None:
    gate = Gate(8, clock)
    with pytest.raises(ValueError), gate.passing("a"):
        raise ValueError
    assert gate._users["a"].running == 0


def test_thousands_of_idle_ones_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_KNOWN", 10)
    gate = Gate(8, clock)
    with gate.passing("stays"):
        for number in range(50):
            used(gate, clock, f"one {number}", 0.01)
        assert gate._users["stays"].running == 1
    assert len(gate._users) <= 11


def test_the_refusal_says_when_to_come_back_and_is_counted(
    workspace: Tenant, other_workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts.forget()

    def full(_gate: Gate, key: Any) -> None:
        if key[0] == workspace.pk:
            raise Busy

    monkeypatch.setattr(Gate, "_enter", full)
    monkeypatch.setattr(Gate, "_leave", lambda *_: None)
    answer = Client(headers={"host": "acme.localhost"}).get("/api/v1/session")
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert answer.json()["code"] == "tenant.too_many_requests" and "Refresh" not in answer
    page = Client(headers={"host": "acme.localhost"}).get("/accounts")
    assert (page.status_code, page["Refresh"]) == (429, "1")
    assert Client(headers={"host": "globex.localhost"}).get("/api/v1/session").status_code != 429
