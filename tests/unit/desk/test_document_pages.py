"""Documents at the desk: found, marked, compared and imported, each by whom it may be."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import aiohttp
import pytest
from sqlalchemy import select, text

from bot.desk import comparison
from bot.importing import import_uploads
from handlers.catalogue.mentions import Mention
from models import audit
from models.application import CaseStatus
from models.policy import Document, NoticeDraft, Upload, UploadFile
from models.staff import Role
from nlp.cards import Card
from tests import papers
from tests.documents import LEAVE, rules, stored, text_of
from tests.unit.desk.desk_world import THIRD

if TYPE_CHECKING:
    from tests.unit.desk.desk_world import Browser, Page, World

SEVEN = (LEAVE[0], "职工每年休假7天。", "单位应当安排休假。")
PATH = "/desk/documents"


async def add(world: World, *bodies: str, **how: str) -> Document:
    return (await stored(world.sessions, text_of(*bodies, **how), world.clock())).document


async def two_versions(world: World) -> tuple[Document, Document]:
    older = await add(world, starts="2020-02-01")
    return older, await add(world, *SEVEN, issued="2026-10-01", starts="2027-01-01")


async def state(world: World, document: Document) -> Document:
    async with world.sessions() as work:
        return await work.get_one(Document, document.id)


def card(number: str, stem: str) -> Card:
    return Card(
        slug="leave-days",
        law="休假办法",
        documents=(stem,),
        article=number,
        in_force_from=date(2020, 2, 1),
        in_force_to=None,
        scope="湖北",
        theme="休假与放假",
        binds=("all",),
        plain="每年 5 天。",
        exceptions="",
        do="",
        figures=("5天",),
        quote_key="休假5天",
        questions=("每年能休几天",),
        status="verified",
    )


async def test_the_list_is_searched_and_filtered(world: World):
    await add(world, title="休假办法", starts="2020-02-01")
    await add(world, title="体检办法")
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        everything = await browser.open(PATH)
        found = await browser.open(f"{PATH}?q=体检")
        undated = await browser.open(f"{PATH}?state=undated&scope=湖北")
        elsewhere = await browser.open(f"{PATH}?scope=武汉")
    assert "休假办法" in everything.text
    assert "导入文件" not in everything.text
    assert "休假办法" not in found.text
    assert "体检办法" in undated.text
    assert "休假办法" not in undated.text
    assert "没有找到符合的文件" in elsewhere.text


async def test_an_empty_desk_says_what_to_do(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(PATH)
    assert "还没有导入文件" in page.text
    assert f'href="{PATH}/upload"' in page.text


async def test_the_list_of_all_versions_can_be_taken_along_on_record(world: World):
    await two_versions(world)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(PATH)
        file = await browser.submit(page, f"{PATH}.csv")
    lines = file.text.splitlines()
    assert [line.split(",")[0].strip('"') for line in lines[1:]] == [
        "休假办法(2026-10-01)",
        "休假办法(2020-01-01)",
    ]
    assert "尚未施行" in lines[1]
    async with world.sessions() as work:
        assert (await audit.about(work, "officer"))[-1].action == "document.export"


async def test_a_version_shows_its_articles_its_cards_and_the_other_versions(world: World):
    older, newer = await two_versions(world)
    world.add_card(card("第二条", older.stem))
    async with world.browser(await world.staff(Role.COUNSELLOR)) as browser:
        page = await browser.open(f"{PATH}/{older.id}")
    assert "职工每年休假5天。" in page.text
    assert "问答卡 1 张" in page.text
    assert f"{PATH}/{newer.id}" in page.text
    assert "保存登记" not in page.text


async def acted(world: World, browser: Browser, document: Document, act: str, **said: str) -> Page:
    page = await browser.open(f"{PATH}/{document.id}")
    return await browser.submit(page, f"{PATH}/{document.id}/{act}", **said)


async def test_a_day_in_force_is_set_and_the_step_is_taken_back(world: World):
    document = await add(world)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        said = {"scope": "湖北", "issuer": "某工会", "in_force_from": "2020-02-01"}
        page = await acted(world, browser, document, "register", **said)
        assert "现行有效" in page.text
        assert (await state(world, document)).in_force_from == date(2020, 2, 1)
        page = await browser.submit(page, f"{PATH}/{document.id}/undo")
        assert "已撤销" in page.text
    assert (await state(world, document)).in_force_from is None
    assert (await state(world, document)).issuer == ""


async def test_a_version_is_marked_as_expired(world: World):
    document = await add(world, starts="2020-02-01")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await acted(world, browser, document, "expire", last="2026-11-21")
        assert "已失效" in page.text
        again = await acted(world, browser, document, "expire", last="2019-01-01")
        assert "失效日期不能早于施行日期" in again.text
        wrong = await acted(world, browser, document, "expire", last="昨天")
        assert "日期请写成" in wrong.text
    assert (await state(world, document)).in_force_to == date(2026, 11, 21)
    async with world.sessions() as work:
        entry = (await audit.about(work, document.name))[-1]
    assert (entry.action, entry.actor) == ("document.expire", "staff:officer")


async def test_a_version_is_withdrawn_after_being_asked_and_brought_back(world: World):
    document = await add(world, starts="2020-02-01")
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        page = await browser.open(f"{PATH}/{document.id}")
        assert "确定要收回吗" in page.text
        page = await browser.submit(page, f"{PATH}/{document.id}/withdraw")
        assert "这个版本已经收回" in page.text
        assert (await state(world, document)).withdrawn_at is not None
        page = await browser.submit(page, f"{PATH}/{document.id}/restore")
    assert "现行有效" in page.text
    assert (await state(world, document)).withdrawn_at is None


async def test_an_act_on_what_somebody_else_changed_is_refused(world: World):
    document = await add(world, starts="2020-02-01")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        stale = await browser.open(f"{PATH}/{document.id}")
        world.clock.go_on(minutes=1)
        await acted(world, browser, document, "expire", last="2027-01-01")
        page = await browser.submit(stale, f"{PATH}/{document.id}/withdraw")
    assert page.status == 409
    assert "刚刚有了变化" in page.text
    assert (await state(world, document)).withdrawn_at is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COUNSELLOR])
async def test_who_only_reads_changes_nothing(world: World, role: Role):
    document = await add(world, starts="2020-02-01")
    async with world.browser(await world.staff(role)) as browser:
        csrf = (await browser.open(PATH)).tags.forms[f"{PATH}.csv"]["csrf"]
        for act in ("register", "expire", "withdraw", "restore", "undo"):
            page = await browser.post(f"{PATH}/{document.id}/{act}", {"csrf": csrf})
            assert page.status == 403
        assert (await browser.get(f"{PATH}/upload")).status == 403
    assert (await state(world, document)).changed_at == document.changed_at


async def test_two_versions_are_compared_with_marks_in_words_too(world: World):
    older, newer = await two_versions(world)
    world.add_card(card("第二条", older.stem))
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        page = await browser.open(f"{PATH}/compare?older={older.id}&newer={newer.id}")
        nothing = await browser.get(f"{PATH}/compare?older={older.id}&newer=999")
    assert '<del><span class="visually-hidden">（删去：</span>5' in page.text
    assert '<ins><span class="visually-hidden">（新增：</span>7' in page.text
    assert "改动 1 条" in page.text
    assert "第二条：每年能休几天" in page.text
    assert "保存草稿" not in page.text
    assert nothing.status == 404


@pytest.mark.parametrize(
    ("role", "said"), [(Role.OFFICER, "金秋助学：1 份在办"), (Role.COUNSELLOR, "金秋助学</li>")]
)
async def test_what_rests_on_a_changed_article_is_listed_with_its_open_cases(
    world: World, monkeypatch: pytest.MonkeyPatch, role: Role, said: str
):
    places = (
        Mention("aid/tuition.yaml", "parameters.1", "《休假办法》第二条"),
        Mention("aid/other.yaml", "parameters.1", "《休假办法》第一条"),
    )
    monkeypatch.setattr(comparison, "mentions_of", lambda _title: places)
    await world.case(await world.member("周小禾", "省财政厅"))
    await world.case(await world.member("江小满", "省财政厅", serial=102), number=THIRD)
    await world.decided(THIRD, CaseStatus.APPROVED)
    older, newer = await two_versions(world)
    async with world.browser(await world.staff(role)) as browser:
        page = await browser.open(f"{PATH}/compare?older={older.id}&newer={newer.id}")
    assert said in page.text
    assert "aid/tuition.yaml · parameters.1" in page.text
    assert "aid/other.yaml" not in page.text


async def test_a_text_with_a_new_version_to_come_is_listed_as_such_too(world: World):
    await two_versions(world)
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        coming = await browser.open(f"{PATH}?state=coming")
        expired = await browser.open(f"{PATH}?state=expired")
    assert "新版本待施行" in coming.text
    assert "没有找到符合的文件" in expired.text


async def test_a_notice_is_drafted_edited_and_kept(world: World):
    older, newer = await two_versions(world)
    address = f"{PATH}/compare?older={older.id}&newer={newer.id}"
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(address)
        assert "《休假办法》有新的版本了" in page.text
        kept = await browser.submit(page, f"{PATH}/compare", words="明年起每年休 7 天。")
        assert "没有发给任何人" in kept.text
        again = await browser.submit(page, f"{PATH}/compare", words="慢了一步的话。")
        assert again.status == 409
        assert "慢了一步的话。" in again.text
    async with world.sessions() as work:
        drafts = list(await work.scalars(select(NoticeDraft.words)))
    assert drafts == ["明年起每年休 7 天。"]


async def hand_in(
    browser: Browser, *files: tuple[str, bytes], once: str = "", **said: str
) -> Page:
    """Send the form with these files as a browser does; a second time with the same `once`."""
    page = await browser.open(f"{PATH}/upload")
    form = aiohttp.FormData()
    hidden = page.tags.forms[f"{PATH}/upload"]
    for key, value in {**hidden, **({"once": once} if once else {}), **said}.items():
        form.add_field(key, value)
    for name, content in files:
        form.add_field(
            "files", io.BytesIO(content), filename=name, content_type="application/octet-stream"
        )
    return await browser.post(f"{PATH}/upload", form)  # type: ignore[arg-type]


async def test_files_are_handed_in_and_each_gets_its_result(world: World):
    files = (
        ("疗休养.docx", papers.word()),
        ("扫描.pdf", papers.scanned()),
        ("C:\\桌面\\体检.txt", rules(*LEAVE, title="体检办法").encode("gb18030")),
    )
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await hand_in(browser, *files, scope="武汉")
        page.check()
        assert "已读 0 / 3 份" in page.text
        await work_off(world)
        done = await browser.get(f"{page.url}/files", **{"HX-Request": "true"})
    assert done.status == 286
    assert "3 份都读完了，其中 1 份没有导入" in done.text
    assert "PDF 是扫描件" in done.text
    assert "体检办法" in done.text
    assert "桌面" not in done.text
    async with world.sessions() as work:
        scopes = list(await work.scalars(select(Document.scope)))
        jobs = await work.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'import_upload'")
        )
    assert (scopes, jobs) == (["武汉", "武汉"], 1)


async def work_off(world: World) -> None:
    """What the worker does with the job."""
    async with world.sessions() as work:
        ids = list(await work.scalars(select(Upload.id)))
    await import_uploads(world.sessions, ids, clock=world.clock, cards=tuple)


async def test_while_files_are_read_the_page_asks_again(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await hand_in(browser, ("休假.md", rules(*LEAVE).encode()))
        piece = await browser.get(f"{page.url}/files", **{"HX-Request": "true"})
    assert 'hx-trigger="every 4s"' in piece.text
    assert "等待读取" in piece.text


async def test_a_form_sent_twice_is_one_upload(world: World):
    file = ("休假.md", rules(*LEAVE).encode())
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        first = await hand_in(browser, file, once="o" * 20)
        second = await hand_in(browser, file, once="o" * 20)
    assert first.url == second.url
    async with world.sessions() as work:
        assert len(list(await work.scalars(select(Upload.id)))) == 1


@pytest.mark.parametrize(
    ("files", "said", "sentence"),
    [
        ((), {}, "请先选要导入的文件"),
        ((("", b""),), {}, "请先选要导入的文件"),
        ((("a.md", b"x"), ("b.md", b"y")), {"issued": "2024-01-01"}, "只能给一份文件填"),
        ((("a.md", b"x"),), {"issued": "去年"}, "日期请写成"),
        (tuple((f"{n}.md", b"x") for n in range(101)), {}, "一次最多 100 份"),
    ],
)
async def test_what_cannot_be_handed_in_is_said(
    world: World, files: tuple[tuple[str, bytes], ...], said: dict[str, str], sentence: str
):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await hand_in(browser, *files, **said)
    page.check()
    assert sentence in page.text
    async with world.sessions() as work:
        assert list(await work.scalars(select(UploadFile.id))) == []


async def test_files_that_are_too_much_together_are_named_and_the_others_kept(world: World):
    large = b"\xd0" * (25 * 2**20)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await hand_in(browser, ("a.txt", large), ("b.txt", large), ("c.md", b"x"))
    assert page.text.count("这个文件没有收下") == 1
    async with world.sessions() as work:
        states = list(await work.scalars(select(UploadFile.state).order_by(UploadFile.id)))
    assert states == ["waiting", "broken", "waiting"]


async def test_files_without_the_token_of_our_pages_are_refused(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await hand_in(browser, ("a.md", b"x"), csrf="other")
    assert page.status == 403
