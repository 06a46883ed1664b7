"""Carries pushes to the account's server, with the platform's deadline, repeats and patience."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from bot.simulator import crypto, pushes, replies
from bot.simulator.exchanges import Exchange
from bot.simulator.pushes import Element
from bot.simulator.replies import BadReplyError
from bot.simulator.transcript import Bubble, Line

if TYPE_CHECKING:
    from bot.simulator.platform import Platform
    from bot.simulator.pushes import Push

FAILURE_LINE = "该公众号提供的服务出现故障，请稍后再试"
AGENT = "Mozilla/4.0"


@dataclass(frozen=True, slots=True)
class Letter:
    """One push as it goes out: query and body are new for every try."""

    query: dict[str, str]
    body: str
    plain: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try; `failure` is empty when the platform is content."""

    failure: str = ""
    bubble: Bubble | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a push after all its tries; `line` is what the person saw of it."""

    delivered: bool
    deliveries: int
    failures: tuple[str, ...]
    line: Line | None


async def deliver(platform: Platform, push: Push) -> Outcome:
    """Carry one push to its end."""
    await _wait_for_faults(platform)
    answers = await _try_all(platform, push)
    _let_others_pass(platform)
    failures = tuple(answer.failure for answer in answers if answer.failure)
    good = [answer for answer in answers if not answer.failure]
    line = None
    if push.is_answered and platform.followers[push.openid].following:
        if not good:
            line = platform.show(push.openid, "system", Bubble("failure", text=FAILURE_LINE))
        elif good[0].bubble is not None:
            line = platform.show(push.openid, "account", good[0].bubble)
    return Outcome(bool(good), len(answers), failures, line)


async def verify(platform: Platform) -> str:
    """Check the callback address as the console does; empty when it passes."""
    echo = platform.fresh(20)
    query = {**_signed(platform), "echostr": echo}
    url = f"{platform.callback_url()}?{urlencode(query)}"
    try:
        async with asyncio.timeout(platform.settings.deadline):
            status, body = await _request(platform.session, "GET", url, b"")
    except TimeoutError:
        return "请求超时"
    except aiohttp.ClientError:
        return "连接失败"
    if status != 200:
        return f"服务器返回 {status}，请核对 Token"
    return "" if body == echo.encode() else "返回的内容与 echostr 不一致"


async def _wait_for_faults(platform: Platform) -> None:
    late = platform.faults.on_push("delay")
    if late is not None:
        await asyncio.sleep(late.seconds)
    overtaken = platform.faults.on_push("reorder")
    if overtaken is not None:
        passed = asyncio.Event()
        platform.waiting.append(passed)
        with suppress(TimeoutError):
            await asyncio.wait_for(passed.wait(), overtaken.seconds)


def _let_others_pass(platform: Platform) -> None:
    for passed in platform.waiting:
        passed.set()
    platform.waiting.clear()


async def _try_all(platform: Platform, push: Push) -> list[Answer]:
    """Deliver until one try is good; a duplicated push makes its first tries all at once."""
    answers: list[Answer] = []
    if platform.faults.on_push("duplicate") is not None:
        at_once = (_try(platform, push, number) for number in range(1, 4))
        answers = list(await asyncio.gather(*at_once))
    while all(answer.failure for answer in answers):
        if len(answers) >= platform.settings.deliveries:
            break
        if answers:
            await asyncio.sleep(platform.settings.pause)
        answers.append(await _try(platform, push, len(answers) + 1))
    return answers


async def _try(platform: Platform, push: Push, attempt: int) -> Answer:
    letter = _write(platform, push)
    url = f"{platform.callback_url()}?{urlencode(letter.query)}"
    loop = asyncio.get_running_loop()
    at, began = platform.clock(), loop.time()
    status, body, failure = await _post(platform, url, letter.body.encode())
    words, answer = _judge(platform, push, body, failure)
    platform.exchanges.add(
        Exchange(
            direction="push",
            title=push.title,
            url=url,
            request=letter.plain,
            response=words,
            status=status,
            took=round((loop.time() - began) * 1000),
            at=at,
            openid=push.openid,
            wire=letter.body if letter.body != letter.plain else "",
            verdict=answer.failure,
            attempt=attempt,
            number=platform.exchanges.next_number(),
        )
    )
    return answer


async def _post(platform: Platform, url: str, body: bytes) -> tuple[int, bytes, str]:
    """Status, body and failure of one request; status is 0 when nothing came back."""
    if platform.faults.on_push("drop") is not None:
        return 0, b"", "lost on the way"
    held = platform.faults.on_push("hold")
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(platform.settings.deadline):
            status, answer = await _request(platform.session, "POST", url, body)
            if held is not None:
                await asyncio.sleep(began + held.seconds - loop.time())
    except TimeoutError:
        return 0, b"", f"no answer within {platform.settings.deadline:g} s"
    except aiohttp.ClientError as exc:
        return 0, b"", f"connection failed: {type(exc).__name__}"
    return status, answer, "" if status == 200 else f"status {status}"


async def _request(
    session: aiohttp.ClientSession, method: str, url: str, body: bytes
) -> tuple[int, bytes]:
    headers = {"User-Agent": AGENT, "Content-Type": "text/xml"}
    data = body or None
    call = session.request(method, url, data=data, headers=headers, allow_redirects=False)
    async with call as response:
        read = bytearray()
        async for chunk in response.content.iter_any():
            read += chunk
            if len(read) > replies.LIMIT:
                break
        return response.status, bytes(read)


def _judge(platform: Platform, push: Push, body: bytes, failure: str) -> tuple[str, Answer]:
    """The readable answer, and whether it counts."""
    words = body[: replies.LIMIT].decode("utf-8", "replace")
    if failure:
        return words, Answer(failure)
    try:
        words, root = replies.read(body, push, platform.account, platform.settings.mode)
        shown = (
            None
            if root is None
            else replies.bubble(root, platform.media_library, platform.limits_now())
        )
    except BadReplyError as exc:
        return words, Answer(str(exc))
    return words, Answer(bubble=shown)


def _write(platform: Platform, push: Push) -> Letter:
    """Sign, and seal in the way the console says."""
    elements = push.to(platform.account.original_id)
    plain = pushes.document(elements)
    query = {**_signed(platform), "openid": push.openid}
    if platform.settings.mode == "plain":
        return Letter(query, plain, plain)
    keys = platform.account.encoding_aes_keys
    key = random.choice(keys) if platform.settings.rotate else keys[0]  # noqa: S311
    salt = platform.random_bytes(16)
    sealed = crypto.seal(key, platform.account.app_id, plain.encode(), salt)
    stamp, nonce = query["timestamp"], query["nonce"]
    query["encrypt_type"] = "aes"
    query["msg_signature"] = crypto.signature(platform.account.token, stamp, nonce, sealed)
    shown = elements if platform.settings.mode == "compatible" else elements[:1]
    return Letter(query, pushes.document((*shown, Element("Encrypt", sealed))), plain)


def _signed(platform: Platform) -> dict[str, str]:
    stamp = str(int(platform.clock().timestamp()))
    nonce = str(int.from_bytes(platform.random_bytes(4), "big"))
    signed = crypto.signature(platform.account.token, stamp, nonce)
    return {"signature": signed, "timestamp": stamp, "nonce": nonce}


def report_later(platform: Platform, report: Push) -> None:
    """Push what became of a send a while after it; no passive reply is shown for it."""
    times = 2 if platform.settings.job_twice else 1
    for _ in range(times):
        _task = platform.spawn(_after(platform, platform.settings.job_delay, report))


async def _after(platform: Platform, seconds: float, push: Push) -> None:
    await asyncio.sleep(seconds)
    await deliver(platform, push)
