"""How many messages are allowed, whatever a person does in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.grants import FOLLOW, MESSAGE, SCAN, TAP, Grant, grant, remaining, spend
from bot.simulator.refusal import Refusal

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_without_an_act_nothing_is_allowed():
    with pytest.raises(Refusal) as refused:
        remaining([], NOW)
    assert refused.value.code == 45015


@pytest.mark.parametrize(
    ("allowance", "count", "seconds"),
    [(MESSAGE, 5, 172_800), (TAP, 3, 60), (FOLLOW, 3, 60), (SCAN, 3, 60)],
)
def test_each_act_has_its_count_and_its_time(allowance, count, seconds):
    grants = grant([], allowance, NOW)
    assert remaining(grants, NOW + timedelta(seconds=seconds - 1)) == count
    with pytest.raises(Refusal):
        remaining(grants, NOW + timedelta(seconds=seconds))


def test_a_used_up_grant_is_still_a_window():
    grants = grant([], TAP, NOW)
    for _ in range(3):
        grants = spend(grants, NOW)
    assert remaining(grants, NOW) == 0


@given(st.lists(st.sampled_from([MESSAGE, TAP, FOLLOW, SCAN, None]), max_size=30))
def test_never_more_than_five_are_left(acts):
    grants: list[Grant] = []
    for act in acts:
        grants = spend(grants, NOW) if act is None else grant(grants, act, NOW)
    assert not grants or 0 <= remaining(grants, NOW) <= 5
