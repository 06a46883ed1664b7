"""Settings: what stops the start, what overrides what, and what nobody may read."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE, SECRETS_FILE, Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = base64.b64encode(b"k" * 32).decode()
LIVE = {
    "LIANXIN_ENVIRONMENT": "live",
    "LIANXIN_WECHAT__APP_SECRET": "sesame-secret",
    "LIANXIN_WECHAT__TOKEN": "sesametoken",
    "LIANXIN_WECHAT__ENCODING_AES_KEYS": json.dumps(["s" * 42 + "A"]),
    "LIANXIN_WECHAT__MODES": '["safe"]',
    "LIANXIN_WEB__PUBLIC_URL": "https://union.example",
    "LIANXIN_KEYS__RING": f"k1:{KEY}",
    "LIANXIN_KEYS__INDEX": KEY,
    "DATABASE_URL": "postgresql://lianxin:hunter2@db.example/lianxin",
}


def settings(folder: Path, **environ: str) -> Settings:
    return read_settings(environ={"LIANXIN_DATA_DIR": str(folder / "var"), **environ})


def changed(folder: Path, pattern: str, line: str) -> Path:
    """The shipped file with one line changed."""
    file = folder / "config.yaml"
    shipped = (HERE / "config.yaml").read_text(encoding="utf-8")
    assert re.search(pattern, shipped, re.MULTILINE)
    file.write_text(re.sub(pattern, line, shipped, count=1, flags=re.MULTILINE), encoding="utf-8")
    return file


def named(tree: dict[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Every setting with its name in the environment, without the prefix."""
    for key, value in tree.items():
        name = f"{before}{key}".upper()
        if isinstance(value, dict):
            yield from named(value, f"{name}__")
        elif before:
            yield name, value


def complaint(folder: Path, environ: dict[str, str], file: Path | None = None) -> str:
    with pytest.raises(SettingsError) as stopped:
        read_settings(file, {"LIANXIN_DATA_DIR": str(folder / "var"), **environ})
    return str(stopped.value)


def test_the_shipped_file_is_enough_to_begin(tmp_path: Path):
    found = settings(tmp_path)
    assert (found.environment, found.web.port, found.messages.lease) == ("local", 8080, 30)
    assert found.data_dir == tmp_path / "var"


def test_a_misspelt_key_stops_the_start_and_is_named(tmp_path: Path):
    file = changed(tmp_path, r"^  port: 8080", "  prot: 8080")
    told = complaint(tmp_path, {}, file)
    assert "web.prot: Extra inputs are not permitted" in told
    assert "web.port: Field required" in told


def test_a_wrong_value_stops_the_start_with_what_was_expected(tmp_path: Path):
    told = complaint(tmp_path, {"LIANXIN_WEB__PORT": "eighty"})
    assert "web.port: Input should be a valid integer" in told
    assert "'eighty'" in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANXIN_WEB__PORT", "70000"),
        ("LIANXIN_WEB__PUBLIC_URL", "https://union.example/"),
        ("LIANXIN_WECHAT__ANSWER_WITHIN", "6"),
        ("LIANXIN_WECHAT__TOKEN", "no spaces allowed"),
        ("LIANXIN_WECHAT__ENCODING_AES_KEYS", '["short"]'),
        ("LIANXIN_WECHAT__ENCODING_AES_KEYS", "not json"),
        ("LIANXIN_WECHAT__MODES", '["rot13"]'),
        ("LIANXIN_DELIVERY__BATCH", "0"),
        ("LIANXIN_ENVIRONMENT", "production"),
        ("LIANXIN_KEYS__RING", "k1:dG9vIHNob3J0"),
        ("LIANXIN_WEB", "everything"),
        ("DATABASE_URL", "mysql://db.example/lianxin"),
    ],
)
def test_no_wrong_value_passes(tmp_path: Path, name: str, value: str):
    assert complaint(tmp_path, {name: value})


def test_a_misspelt_variable_stops_the_start_and_is_named(tmp_path: Path):
    told = complaint(tmp_path, {"LIANXIN_WEB__PROT": "1"})
    assert told == "environment LIANXIN_WEB__PROT: there is no setting web.prot"


def test_the_environment_overrides_the_file(tmp_path: Path):
    found = settings(
        tmp_path,
        LIANXIN_WEB__PORT="9191",
        LIANXIN_WECHAT__MODES='["safe"]',
        LIANXIN_WECHAT__MENU_ON_START="true",
        DATABASE_URL="postgresql://db.example/x",
    )
    assert (found.web.port, found.wechat.modes) == (9191, ["safe"])
    assert found.wechat.menu_on_start
    assert found.database.url == "postgresql://db.example/x"


def test_every_setting_of_the_file_can_be_overridden_by_its_name(tmp_path: Path):
    found = settings(tmp_path).model_dump(mode="json")
    leaves = dict(named(found))
    assert {"WEB__PORT", "POLICY__LLM__TIMEOUT"} <= set(leaves)
    for name, value in leaves.items():
        given = json.dumps(value) if isinstance(value, list) else str(value)
        again = settings(tmp_path, **{f"LIANXIN_{name}": given})
        assert dict(named(again.model_dump(mode="json")))[name] == value


MODEL = {"LIANXIN_POLICY__LLM__URL": "http://127.0.0.1:11434/v1"}


def test_no_model_is_asked_unless_the_operator_names_one(tmp_path: Path):
    assert settings(tmp_path).policy.llm.url == ""
    assert "policy.llm.model" in complaint(tmp_path, MODEL)
    named_too = settings(tmp_path, **MODEL, LIANXIN_POLICY__LLM__MODEL="qwen")
    assert named_too.policy.llm.model == "qwen"


def test_a_model_may_not_keep_a_message_longer_than_its_lease(tmp_path: Path):
    slow = {**MODEL, "LIANXIN_POLICY__LLM__MODEL": "qwen", "LIANXIN_POLICY__LLM__TIMEOUT": "16"}
    assert "policy.llm.timeout" in complaint(tmp_path, slow)


def test_the_key_of_the_model_is_told_to_nobody(tmp_path: Path):
    given = {"LIANXIN_POLICY__LLM__KEY": "sk-sesame", "LIANXIN_POLICY__LLM__TIMEOUT": "soon"}
    assert "sesame" not in complaint(tmp_path, given)
    assert "sesame" not in repr(settings(tmp_path, LIANXIN_POLICY__LLM__KEY="sk-sesame"))


def test_live_starts_with_everything_it_needs(tmp_path: Path):
    found = settings(tmp_path, **LIVE)
    assert found.wechat.modes == ["safe"]
    assert not (found.data_dir / SECRETS_FILE).exists()


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("LIANXIN_WECHAT__APP_SECRET", "wechat.app_secret"),
        ("LIANXIN_WECHAT__TOKEN", "wechat.token"),
        ("LIANXIN_WECHAT__ENCODING_AES_KEYS", "wechat.encoding_aes_keys"),
        ("LIANXIN_WECHAT__MODES", "wechat.modes: live does not accept plain"),
        ("LIANXIN_WEB__PUBLIC_URL", "web.public_url"),
        ("LIANXIN_KEYS__RING", "keys.ring, keys.index"),
        ("LIANXIN_KEYS__INDEX", "keys.ring, keys.index"),
    ],
)
def test_live_refuses_to_start_without(tmp_path: Path, missing: str, told: str):
    environ = {name: value for name, value in LIVE.items() if name != missing}
    assert told in complaint(tmp_path, environ)


def test_generated_secrets_stay_the_same(tmp_path: Path):
    first, second = settings(tmp_path), settings(tmp_path)
    assert first.keys == second.keys
    assert first.wechat == second.wechat
    assert first.ring.open_text(second.ring.seal_text("你好", "x"), "x") == "你好"


def test_generated_secrets_can_be_read_by_their_owner_only(tmp_path: Path):
    found = settings(tmp_path)
    assert (found.data_dir / SECRETS_FILE).stat().st_mode & 0o077 == 0


def test_two_installations_have_different_secrets(tmp_path: Path):
    one, other = settings(tmp_path / "one"), settings(tmp_path / "other")
    assert one.keys.ring != other.keys.ring
    assert one.wechat.token != other.wechat.token


def test_processes_that_start_at_once_agree_on_the_generated_secrets(tmp_path: Path):
    program = (
        "import sys; from bot.config import read_settings;"
        "s = read_settings(environ={'LIANXIN_DATA_DIR': sys.argv[1]});"
        "print(s.keys.ring, s.wechat.token, s.wechat.encoding_aes_keys)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "var")]
    running = [
        subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        for _ in range(4)
    ]
    told = {process.communicate(timeout=60)[0] for process in running}
    assert len(told) == 1
    assert sorted(file.name for file in (tmp_path / "var").iterdir()) == [SECRETS_FILE]


def secrets_of(found: Settings) -> list[str]:
    wechat, keys = found.wechat, found.keys
    return [wechat.app_secret, wechat.token, *wechat.encoding_aes_keys, keys.ring, keys.index]


def test_nothing_secret_is_shown_when_settings_are_printed(tmp_path: Path):
    found = settings(tmp_path, **LIVE)
    printed = f"{found!r} {found} {found.ring!r}"
    assert [secret for secret in [*secrets_of(found), "hunter2"] if secret in printed] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANXIN_WECHAT__TOKEN", "hunter 2"),
        ("LIANXIN_WECHAT__ENCODING_AES_KEYS", '["hunter 2"]'),
        ("LIANXIN_WECHAT__ENCODING_AES_KEYS", '{"hunter 2": 1}'),
        ("LIANXIN_KEYS__RING", "hunter 2"),
        ("DATABASE_URL", "mysql://lianxin:hunter 2@db.example/lianxin"),
    ],
)
def test_a_complaint_about_a_secret_does_not_tell_it(tmp_path: Path, name: str, value: str):
    assert "hunter" not in complaint(tmp_path, {name: value})


def test_a_secret_under_a_misspelt_key_is_not_told(tmp_path: Path):
    file = changed(tmp_path, r"^  token: .*$", "  tokn: hunter2")
    assert "hunter2" not in complaint(tmp_path, {}, file)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path):
    file = tmp_path / "config.yaml"
    file.write_text("web: [unclosed", encoding="utf-8")
    assert complaint(tmp_path, {}, file).startswith("config.yaml cannot be read")
