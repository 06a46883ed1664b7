"""Access tokens: how long they are good, what voids them, and what the API says then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.simulator.quotas import Quotas
from bot.simulator.refusal import Refusal
from tests.contract.simulator_world import ACCOUNT, Json, World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN, STABLE, PROBE = "/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/getcallbackip"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SECRET = {"appid": ACCOUNT.app_id, "secret": "s3cret"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def issue(world: World) -> str:
    answer = await world.get(TOKEN, token="", grant_type="client_credential", **SECRET)
    return str(answer["access_token"])


async def stable(world: World, *, force: bool = False) -> Json:
    body = {"grant_type": "client_credential", **SECRET, "force_refresh": force}
    return await world.post(STABLE, body, token="")


async def probe(world: World, token: str) -> int:
    return int((await world.get(PROBE, token=token)).get("errcode", 0))


async def test_a_token_opens_the_api_for_two_hours(world):
    token = await issue(world)
    world.pass_time(seconds=7199)
    assert await probe(world, token) == 0
    world.pass_time(seconds=1)
    assert await probe(world, token) == 42001


async def test_a_new_token_voids_the_old_one_after_five_minutes(world):
    old, new = await issue(world), await issue(world)
    world.pass_time(seconds=299)
    assert await probe(world, old) == 0
    world.pass_time(seconds=1)
    assert [await probe(world, old), await probe(world, new)] == [40001, 0]


async def test_the_stable_token_stays_the_same_until_its_last_five_minutes(world):
    first = await stable(world)
    world.pass_time(seconds=6900)
    again = await stable(world)
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 300)
    world.pass_time(seconds=1)
    new = await stable(world)
    assert new["access_token"] != first["access_token"]
    assert await probe(world, first["access_token"]) == 0


async def test_the_two_kinds_do_not_touch_each_other(world):
    kept = (await stable(world))["access_token"]
    await issue(world)
    await issue(world)
    world.pass_time(seconds=400)
    assert await probe(world, kept) == 0


async def test_a_forced_refresh_voids_the_stable_token_at_once(world):
    old = (await stable(world))["access_token"]
    new = (await stable(world, force=True))["access_token"]
    assert [await probe(world, old), await probe(world, new)] == [40001, 0]


async def test_a_second_forced_refresh_within_thirty_seconds_changes_nothing(world):
    first = await stable(world, force=True)
    world.pass_time(seconds=29)
    assert (await stable(world, force=True))["access_token"] == first["access_token"]
    world.pass_time(seconds=1)
    assert (await stable(world, force=True))["access_token"] != first["access_token"]


async def test_the_twenty_first_forced_refresh_of_a_day_is_refused(world):
    for _ in range(20):
        assert "access_token" in await stable(world, force=True)
        world.pass_time(seconds=30)
    assert (await stable(world, force=True))["errcode"] == 45009


@pytest.mark.parametrize(
    ("token", "code"), [("", 41001), ("short", 40014), ("1_" + "x" * 120, 40001)]
)
async def test_a_token_that_was_never_given_out_is_refused(world, token, code):
    assert await probe(world, token) == code


async def test_a_stolen_token_is_void_until_it_is_fetched_again(world):
    old = (await stable(world))["access_token"]
    await world.control("POST", "faults", fault="stolen")
    assert await probe(world, old) == 40001
    assert await probe(world, (await stable(world))["access_token"]) == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "password"}, 40002),
        ({"appid": "wxother"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
async def test_wrong_credentials_are_told_apart(world, changed, code):
    asked = {"grant_type": "client_credential", **SECRET, **changed}
    assert (await world.get(TOKEN, token="", **asked))["errcode"] == code
    assert (await world.post(STABLE, asked, token=""))["errcode"] == code


async def test_the_stable_token_is_posted_for(world):
    assert (await world.get(STABLE, token=""))["errcode"] == 43002


async def test_the_ordinary_token_is_not_posted_for(world):
    assert (await world.post(TOKEN, {}, token=""))["errcode"] == 43001


async def test_the_two_thousand_and_first_token_of_a_day_is_refused(world):
    await world.control("POST", "quotas", path=TOKEN)
    answer = await world.get(TOKEN, token="", grant_type="client_credential", **SECRET)
    assert answer["errcode"] == 45009
    world.pass_time(hours=16)  # midnight in Shanghai
    assert await issue(world)


async def test_stable_tokens_are_given_ten_thousand_times_a_minute():
    quotas = Quotas()
    for _ in range(10_000):
        quotas.spend(STABLE, NOON)
    with pytest.raises(Refusal) as refused:
        quotas.spend(STABLE, NOON)
    assert refused.value.code == 45011
    quotas.spend(STABLE, NOON + timedelta(minutes=1))


async def test_the_inspector_shows_neither_token_nor_secret(world):
    token = await issue(world)
    await stable(world)
    await probe(world, token)
    shown = str(await world.control("GET", "exchanges"))
    assert token not in shown
    assert "s3cret" not in shown
    assert token[-4:] in shown
