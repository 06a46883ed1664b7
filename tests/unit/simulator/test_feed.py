"""Who hears the news, and until when."""

from __future__ import annotations

from bot.simulator.feed import BACKLOG, Feed, News


async def test_every_watch_hears_what_comes_after_it_joined():
    feed = Feed()
    first = feed.join()
    feed.tell("a", {"n": 1})
    second = feed.join()
    feed.tell("b", {"n": 2})
    assert [first.get_nowait(), first.get_nowait()] == [News("a", {"n": 1}), News("b", {"n": 2})]
    assert second.get_nowait() == News("b", {"n": 2})


async def test_a_watch_that_left_hears_nothing():
    feed = Feed()
    watch = feed.join()
    feed.leave(watch)
    feed.tell("a", {})
    assert watch.empty()


async def test_a_watch_that_falls_behind_ends():
    feed = Feed()
    watch = feed.join()
    for _ in range(BACKLOG + 1):
        feed.tell("a", {})
    heard = [watch.get_nowait() for _ in range(watch.qsize())]
    assert heard[-1] is None
    assert feed.watches == set()


async def test_closing_ends_every_watch():
    feed = Feed()
    watches = [feed.join(), feed.join()]
    feed.close()
    assert [watch.get_nowait() for watch in watches] == [None, None]
