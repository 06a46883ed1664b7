"""What the documents name exists, and what exists is named."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import BaseModel

from bot.__main__ import _parser
from bot.config import HERE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = ("bot", "handlers", "nlp", "models", "scheduler", "docs", "tests")
CODE = re.compile(r"`([^`\n]+)`")


def quoted(document: str) -> set[str]:
    return set(CODE.findall((HERE / document).read_text(encoding="utf-8")))


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Every command with its options, as a person types it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{before}{name}"
                yield from commands(sub, f"{before}{name} ")


def options(parser: argparse.ArgumentParser) -> set[str]:
    found = {name for action in parser._actions for name in action.option_strings}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                found |= options(sub)
    return {name for name in found if name.startswith("--")} - {"--help"}


def variables(section: type[BaseModel], before: str) -> Iterator[str]:
    """The names in the environment of all settings and sections."""
    for key, field in section.model_fields.items():
        name = f"{before}{key}".upper()
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variables(field.annotation, f"{name}__")


DOCUMENTS = sorted(
    file.relative_to(HERE).as_posix()
    for file in [HERE / "README.md", *(HERE / "docs").rglob("*.md")]
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_a_document_names_is_there(document: str):
    named = {name for name in quoted(document) if name.startswith(tuple(f"{r}/" for r in ROOMS))}
    files = {name for name in named if re.fullmatch(r"[\w./-]+", name)}
    assert sorted(name for name in files if not (HERE / name).exists()) == []


def test_the_way_of_a_message_names_its_files():
    named = {name for name in quoted("docs/one-message.md") if name.endswith(".py")}
    assert {"bot/dispatch.py", "bot/in_time.py", "handlers/routes.py", "bot/delivery.py"} <= named
    assert all((HERE / name).is_file() for name in named)


def test_every_command_is_named_for_operators():
    told = " ".join(CODE.findall((HERE / "docs/operations.md").read_text(encoding="utf-8")))
    missing = [name for name in commands(_parser()) if name not in told]
    assert missing == []
    assert sorted(name for name in options(_parser()) if name not in told) == []


def test_every_section_of_the_settings_is_named_for_operators():
    document = (HERE / "docs/operations.md").read_text(encoding="utf-8").lower()
    sections = [name for name in Settings.model_fields if name not in {"log_level", "data_dir"}]
    assert [name for name in sections if name not in document] == []


def test_every_setting_of_the_file_is_one_and_says_what_it_is():
    lines = (HERE / "config.yaml").read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if re.match(r"\s*\w+: .", line)]
    assert [line for line in settings if "#" not in line and "$LIANXIN" not in line] == []
    tree = yaml.safe_load("\n".join(lines))
    assert list(tree) == list(Settings.model_fields)


def test_variables_that_documents_name_are_settings():
    known = {"LIANXIN_TEST_BROWSER"}  # read by the tests only
    known |= set(variables(Settings, "LIANXIN_"))
    for document in DOCUMENTS:
        words = (HERE / document).read_text(encoding="utf-8")
        named = set(re.findall(r"LIANXIN_[A-Z_]+[A-Z]", words)) - {"LIANXIN_SECTION__KEY"}
        assert named <= known, document
