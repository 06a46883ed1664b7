"""Who comes in, and what every answer of the desk carries."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy import select, update

from bot.desk.app import create_desk
from bot.desk.forms import inside
from bot.desk.rights import RIGHTS, ROLES, Right
from bot.desk.sign_in import PasswordTooShortError, add_staff
from models import audit
from models.staff import Role, Staff, StaffSession
from models.ticket import Why
from tests.unit.desk.desk_world import SETTINGS

if TYPE_CHECKING:
    from tests.unit.desk.desk_world import Browser, Page, World

PASSWORD = "正确的密码-2026"


async def account(world: World, role: Role = Role.OFFICER) -> Staff:
    """An account with a password."""
    async with world.sessions.begin() as work:
        return await add_staff(
            work, login="Fang", name="方敏之", role=role, path="/1/", password=PASSWORD
        )


async def try_in(browser: Browser, password: str, login: str = "fang", to: str = "") -> Page:
    """Sign in as a person does: open the page, fill it in."""
    page = await browser.open(f"/desk/sign-in?next={to}")
    return await browser.submit(page, "/desk/sign-in", login=login, password=password)


def pages(world: World) -> list[web.AbstractRoute]:
    """Every page of the desk."""
    app = create_desk(world.parts)
    return list(app.router.routes())


async def test_every_desk_page_names_a_right(world: World):
    assert [str(each.resource) for each in pages(world) if each.handler not in RIGHTS] == []


async def test_a_page_that_names_no_right_is_refused_to_everybody(world: World):
    async def unnamed(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="never seen")

    app = create_desk(world.parts)
    app.router.add_get("/unnamed", unnamed)
    async with world.serving(app) as url, world.browser(await world.staff(Role.ADMIN), url) as at:
        page = await at.open("/desk/unnamed")
    assert page.status == 403
    assert "never seen" not in page.text


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_opens_the_pages_of_its_rights_and_no_others(world: World, role: Role):
    wanted = {
        "/desk/tickets": Right.TICKETS,
        "/desk/cases": Right.CASES,
        "/desk/audit": Right.AUDIT,
        "/desk/running": Right.RUNNING,
    }
    async with world.browser(await world.staff(role)) as browser:
        found = {path: (await browser.get(path)).status == 200 for path in wanted}
    assert found == {path: right in ROLES[role] for path, right in wanted.items()}


async def test_nobody_but_the_counsellor_has_the_right_to_hidden_words():
    assert [role for role in Role if Right.WORDS in ROLES[role]] == [Role.COUNSELLOR]


async def test_the_bare_address_leads_an_auditor_to_the_audit(world: World):
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        page = await browser.open("/desk/")
        short = await browser.open("/desk")
    assert (page.url, short.url) == ("/desk/audit", "/desk/audit")


async def test_a_stranger_is_led_to_the_sign_in_and_then_to_the_page_wanted(world: World):
    await account(world)
    async with world.browser() as browser:
        page = await browser.open("/desk/cases?state=all")
        assert page.url.startswith("/desk/sign-in?next=")
        inside = await browser.submit(page, "/desk/sign-in", login="fang", password=PASSWORD)
    assert inside.url == "/desk/cases?state=all"
    assert "方敏之" in inside.text


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(world: World):
    await account(world)
    async with world.browser() as browser:
        page = await browser.open("/desk/sign-in")
        form = {**page.tags.forms["/desk/sign-in"], "login": "fang", "password": PASSWORD}
        own = {"Origin": world.url.rstrip("/")}
        async with browser.session.post(
            "/desk/sign-in", data=form, headers=own, allow_redirects=False
        ) as answer:
            cookie = next(
                each
                for each in answer.headers.getall("Set-Cookie")
                if each.startswith("lianxin_desk=")
            )
    assert {"HttpOnly", "SameSite=Lax", "Path=/desk"} <= set(cookie.split("; "))
    async with world.sessions() as work:
        kept = (await work.scalars(select(StaffSession.token))).one()
    assert kept.hex() not in cookie
    assert cookie.split(";")[0].split("=")[1].encode() != kept


async def test_behind_https_the_cookie_is_secure(world: World):
    await account(world)
    app = create_desk(world.with_parts(secure_cookies=True))
    async with world.serving(app) as url, world.browser(None, url) as browser:
        page = await browser.open("/desk/sign-in")
    assert "; Secure" in page.headers["Set-Cookie"]


async def test_every_sign_in_is_a_new_visit_and_ends_the_old_one(world: World):
    await account(world)
    async with world.browser() as browser:
        start = await browser.open("/desk/sign-in")
        await browser.submit(start, "/desk/sign-in", login="fang", password=PASSWORD)
        page = await browser.open("/desk/cases")
        form = {"login": "fang", "password": PASSWORD, "next": ""}
        csrf = page.tags.forms["/desk/sign-out"]["csrf"]
        await browser.post("/desk/sign-in", {**form, "csrf": csrf})
    async with world.sessions() as work:
        ended = list(await work.scalars(select(StaffSession.ended_at).order_by(StaffSession.id)))
    assert [at is not None for at in ended] == [True, False]


async def test_wrong_password_unknown_login_and_lock_read_the_same(world: World):
    await account(world)
    async with world.browser() as browser:
        unknown = await try_in(browser, "nonsense", login="nobody")
        wrong = [await try_in(browser, "nonsense") for _ in range(SETTINGS.attempts)]
        locked = await try_in(browser, PASSWORD)
    sentence = "登录名或密码不对。连续输错 5 次，账号会锁定 15 分钟"
    assert [sentence in page.text for page in (unknown, *wrong, locked)] == [True] * 7
    assert {page.status for page in (unknown, *wrong, locked)} == {403}


async def test_a_lock_opens_by_itself(world: World):
    await account(world)
    async with world.browser() as browser:
        for _ in range(SETTINGS.attempts):
            await try_in(browser, "nonsense")
        world.clock.go_on(seconds=SETTINGS.lock + 1)
        page = await try_in(browser, PASSWORD)
    assert page.url == "/desk/"


async def test_failures_before_a_right_password_are_forgotten(world: World):
    await account(world)
    async with world.browser() as browser:
        for _ in range(SETTINGS.attempts - 1):
            await try_in(browser, "nonsense")
        await try_in(browser, PASSWORD)
    async with world.sessions() as work:
        staff = (await work.scalars(select(Staff))).one()
    assert (staff.failures, staff.locked_until) == (0, None)


async def test_a_password_of_seven_characters_is_not_taken(world: World):
    async with world.sessions() as work:
        with pytest.raises(PasswordTooShortError):
            await add_staff(
                work, login="x", name="某", role=Role.ADMIN, path="/1/", password="1234567"
            )


async def test_a_visit_ends_when_nothing_is_opened_for_long(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        world.clock.go_on(seconds=SETTINGS.idle - 60)
        assert (await browser.open("/desk/")).url == "/desk/"
        world.clock.go_on(seconds=SETTINGS.idle - 60)
        assert (await browser.open("/desk/")).url == "/desk/"
        world.clock.go_on(seconds=SETTINGS.idle + 1)
        page = await browser.open("/desk/")
    assert page.url.startswith("/desk/sign-in")


async def test_looking_by_itself_does_not_keep_a_visit_alive(world: World):
    headers = {"HX-Request": "true"}
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        world.clock.go_on(seconds=SETTINGS.idle - 60)
        assert (await browser.get("/desk/tickets", **headers)).status == 200
        world.clock.go_on(seconds=120)
        page = await browser.get("/desk/tickets", **headers)
    assert page.status == 286
    assert "登录已经到期，这里不再更新" in page.text


async def test_a_visit_ends_after_its_longest_time_however_busy(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        for _ in range(SETTINGS.absolute // 1200):
            await browser.open("/desk/")
            world.clock.go_on(seconds=1200)
        world.clock.go_on(seconds=1)
        page = await browser.open("/desk/")
    assert page.url.startswith("/desk/sign-in")


async def test_a_closed_account_is_out_at_once(world: World):
    staff = await world.staff(Role.OFFICER)
    async with world.browser(staff) as browser:
        await browser.open("/desk/")
        async with world.sessions.begin() as work:
            await work.execute(update(Staff).values(disabled_at=world.clock()))
        page = await browser.open("/desk/")
    assert page.url.startswith("/desk/sign-in")


async def test_signing_out_ends_the_visit_for_whoever_kept_the_cookie(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        kept = {each.key: each.value for each in browser.session.cookie_jar}
        out = await browser.submit(page, "/desk/sign-out")
        browser.session.cookie_jar.update_cookies(kept)
        again = await browser.open("/desk/")
    assert "已经退出登录" in out.text
    assert again.url.startswith("/desk/sign-in")


async def test_a_form_without_its_token_does_nothing_and_gives_the_words_back(world: World):
    ticket = await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.post(
            f"/desk/tickets/{ticket.number}/reply",
            {"csrf": "guessed", "once": "x", "sentence": "写好的话"},
        )
    assert page.status == 403
    assert "刷新后再提交" in page.text
    assert "写好的话" in page.text


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
async def test_a_form_from_elsewhere_is_refused(world: World, origin: str | None):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        form = page.tags.forms["/desk/sign-out"]
        refused = await browser.post("/desk/sign-out", form, origin=origin)
        still = await browser.open("/desk/")
    assert (refused.status, still.url) == (403, "/desk/")


async def test_words_typed_into_a_visit_that_ended_come_back(world: World):
    ticket = await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        world.clock.go_on(hours=1)
        after = await browser.submit(
            page, f"/desk/tickets/{ticket.number}/reply", sentence="写了半小时的话"
        )
    assert after.status == 401
    assert "写了半小时的话" in after.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/desk/tickets/{number}/act", {"act": "delete"}),
        ("/desk/tickets/{number}/act", {}),
        ("/desk/tickets/{number}/act", {"act": "close", "more": "1"}),
    ],
)
async def test_a_form_with_other_fields_is_refused(
    world: World, path: str, fields: dict[str, str]
):
    ticket = await world.ticket(None, why=Why.ASKED)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        csrf = page.tags.forms["/desk/sign-out"]["csrf"]
        refused = await browser.post(path.format(number=ticket.number), {"csrf": csrf, **fields})
    assert refused.status == 400


@pytest.mark.parametrize(
    "path",
    ["/desk/nothing", "/desk/tickets/W26-XXXX-YYYY", "/desk/cases?state=lost", "/desk/cases?x=1"],
)
async def test_a_wrong_address_is_a_page_of_ours(world: World, path: str):
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        page = await browser.open(path)
    assert page.status in {400, 404}
    assert "回到首页" in page.text


async def test_large_print_is_remembered(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/cases?state=all")
        large = await browser.submit(page, "/desk/print")
        again = await browser.open("/desk/")
        small = await browser.submit(again, "/desk/print")
    assert large.url == "/desk/cases?state=all"
    assert 'class="large"' in large.text
    assert 'class="large"' in again.text
    assert 'class="large"' not in small.text


async def test_style_and_script_are_served_without_a_visit(world: World):
    async with world.browser() as browser:
        style = await browser.get("/desk/static/desk.css")
        other = await browser.get("/desk/static/desk.py")
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css")
    assert other.status == 404


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example", "/desk/\\\\x", "/other", "/desk"]
)
def test_nobody_is_sent_elsewhere_after_the_sign_in(path: str):
    assert inside(path) == "/desk/"


async def test_a_database_that_is_away_is_told_as_such(world: World):
    app = create_desk(world.with_parts(sessions=world.nowhere()))
    async with world.serving(app) as url, world.browser(None, url) as browser:
        browser.session.cookie_jar.update_cookies({"lianxin_desk": "x"})
        page = await browser.open("/desk/")
    assert page.status == 503
    assert "数据库暂时连不上" in page.text


async def test_the_browser_s_own_word_on_where_a_form_comes_from_counts(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        form = page.tags.forms["/desk/print"]
        found = []
        for site in ("cross-site", "same-site", "none", "same-origin"):
            headers = {"Sec-Fetch-Site": site}
            async with browser.session.post("/desk/print", data=form, headers=headers) as answer:
                found.append(answer.status)
    assert found == [403, 403, 403, 200]


async def test_passwords_tried_at_the_same_time_are_counted_too(world: World):
    staff = await account(world)
    async with world.browser() as browser:
        page = await browser.open("/desk/sign-in")
        fields = {"login": "fang", "password": "nonsense"}
        await asyncio.gather(
            *(browser.submit(page, "/desk/sign-in", **fields) for _ in range(SETTINGS.attempts))
        )
        after = await try_in(browser, PASSWORD)
    assert after.status == 403
    async with world.sessions() as work:
        entries = await audit.about(work, staff.login)
    assert [each.action for each in entries] == ["staff.lock"]


async def test_a_hash_of_older_costs_is_renewed_by_the_sign_in(world: World):
    staff = await account(world)
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    async with world.sessions.begin() as work:
        await work.execute(update(Staff).values(password=weak))
    async with world.browser() as browser:
        assert (await try_in(browser, PASSWORD)).url == "/desk/"
    async with world.sessions() as work:
        kept = (await work.get_one(Staff, staff.id)).password
    assert "m=65536,t=3" in kept


async def test_signing_in_and_out_is_written_down(world: World):
    staff = await account(world)
    async with world.browser() as browser:
        page = await try_in(browser, PASSWORD)
        await browser.submit(page, "/desk/sign-out")
    async with world.sessions() as work:
        entries = await audit.about(work, staff.login)
    assert [each.action for each in entries] == ["staff.sign_in", "staff.sign_out"]


async def test_a_form_too_long_or_of_another_kind_is_refused(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        form = page.tags.forms["/desk/print"]
        many = await browser.post("/desk/print", form | {f"f{n}": "x" for n in range(50)})
        headers = {
            "Origin": world.url.rstrip("/"),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = io.BytesIO(b"next=" + b"x" * 1_100_000)
        async with browser.session.post("/desk/print", data=body, headers=headers) as long:
            said = await long.text()
    assert (many.status, long.status) == (400, 413)
    assert "请缩短一些再提交。" in said
