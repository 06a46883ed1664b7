"""Settings: the only reader of files and of the environment."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.seal import KeyRing

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "LIANXIN_"
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - listening there is the operator's choice
AesKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{43}$")]
HERE = Path(__file__).resolve().parent.parent
SECRETS_FILE = "local-secrets.json"


class SettingsError(Exception):
    """The settings cannot be used; the text says which, where and what was expected."""


class Section(BaseModel):
    """Settings that belong together; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    """`url` is empty for the embedded server."""

    url: Annotated[str, Field(pattern=r"^$|^postgres(ql)?://", repr=False)]
    pool_size: Annotated[int, Field(ge=2, le=100)]
    flushers: Annotated[int, Field(ge=1, le=8)]


class Web(Section):
    """Where we listen, and how the phones of members reach us."""

    host: str
    port: Annotated[int, Field(ge=0, le=65535)]
    public_url: Annotated[str, Field(pattern=r"^$|^https?://[^/]+$")]
    body_limit: Annotated[int, Field(ge=4096)]


class WeChat(Section):
    """The service account; `answer_within` and `timeout` are seconds."""

    app_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4,64}$")]
    app_secret: Annotated[str, Field(repr=False)]
    token: Annotated[str, Field(pattern=r"^$|^[0-9A-Za-z]{3,32}$", repr=False)]
    encoding_aes_keys: Annotated[list[AesKey], Field(repr=False)]
    modes: list[Literal["safe", "compatible", "plain"]]
    freshness: Annotated[int, Field(ge=10)]
    answer_within: Annotated[float, Field(gt=0, le=4.5)]
    platform_url: Annotated[str, Field(pattern=r"^$|^https?://.+[^/]$")]
    timeout: Annotated[float, Field(gt=0)]
    menu_on_start: bool


class Messages(Section):
    """`lease` is seconds."""

    lease: Annotated[int, Field(ge=5)]
    attempts: Annotated[int, Field(ge=1, le=10)]


class Keys(Section):
    """The key ring and the key of the blind index, as text."""

    ring: Annotated[str, Field(repr=False)]
    index: Annotated[str, Field(repr=False)]


class Members(Section):
    """How often a binding may be tried; `pause` is seconds."""

    attempts: Annotated[int, Field(ge=1)]
    pause: Annotated[int, Field(ge=1)]


class Evidence(Section):
    """Bounds of one picture: bytes and pixels."""

    limit: Annotated[int, Field(ge=1024)]
    pixels: Annotated[int, Field(ge=1024)]
    longest_side: Annotated[int, Field(ge=200)]


class Desk(Section):
    """Life of sessions and locks, in seconds."""

    idle: Annotated[int, Field(ge=60)]
    absolute: Annotated[int, Field(ge=60)]
    attempts: Annotated[int, Field(ge=1)]
    lock: Annotated[int, Field(ge=1)]


class Delivery(Section):
    """`batch` recipients a job, `expiry` seconds."""

    batch: Annotated[int, Field(ge=1, le=200)]
    per_second: Annotated[float, Field(gt=0)]
    expiry: Annotated[int, Field(ge=60)]


class LanguageSection(Section):
    encoder: bool


class Llm(Section):
    """An OpenAI-compatible model; `url` is empty for none, `timeout` seconds."""

    url: Annotated[str, Field(pattern=r"^$|^https?://.+[^/]$", repr=False)]
    model: str
    key: Annotated[str, Field(repr=False)]
    timeout: Annotated[float, Field(gt=0, le=20)]


class Policy(Section):
    """How answers on rules are put into words."""

    llm: Llm


class ClockSection(Section):
    """`catch_up` is seconds."""

    catch_up: Annotated[int, Field(ge=0)]


class Settings(Section):
    """Every setting. Build with `read_settings`."""

    environment: Literal["local", "live"]
    data_dir: Path
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    database: Database
    web: Web
    wechat: WeChat
    messages: Messages
    keys: Keys
    members: Members
    evidence: Evidence
    desk: Desk
    delivery: Delivery
    language: LanguageSection
    policy: Policy
    clock: ClockSection

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def ring(self) -> KeyRing:
        """The keys for personal data."""
        return KeyRing.read(self.keys.ring, self.keys.index)

    @property
    def public_url(self) -> str:
        """How members' phones reach us, without a slash at the end."""
        return self.web.public_url or self.local_url

    @property
    def local_url(self) -> str:
        """How this machine reaches us."""
        host = "127.0.0.1" if self.web.host in EVERYWHERE else self.web.host
        return f"http://{host}:{self.web.port}"


def read_settings(file: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read config.yaml and the environment; SettingsError names the first things that are wrong.

    Outside `live` a secret that is missing is generated once and kept in the data directory.
    """
    environ = dict(os.environ) if environ is None else environ
    source = file or HERE / "config.yaml"
    tree = _read_file(source)
    _resolve(tree, environ)
    _override(tree, environ)
    settings = _validated(tree, source)
    if settings.environment == "local":
        _fill_local_secrets(tree, settings.data_dir)
        settings = _validated(tree, source)
    _complain(settings)
    return settings


Tree = dict[str, object]


def _read_file(source: Path) -> Tree:
    try:
        tree = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as exc:
        raise SettingsError(f"{source.name} cannot be read: {exc}") from exc
    if not isinstance(tree, dict):
        raise SettingsError(f"{source.name}: expected sections of settings")
    return tree


def _override(tree: Tree, environ: dict[str, str]) -> None:
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        target: object = tree
        for key in path[:-1]:
            target = target.get(key) if isinstance(target, dict) else None
        if not isinstance(target, dict) or path[-1] not in target:
            raise SettingsError(f"environment {name}: there is no setting {'.'.join(path)}")
        target[path[-1]] = _typed(name, value, target[path[-1]])


def _typed(name: str, value: str, default: object) -> object:
    if not isinstance(default, list):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as exc:
        raise SettingsError(f'environment {name}: expected a JSON list, as ["a"]') from exc


def _resolve(tree: Tree, environ: dict[str, str]) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            _resolve(value, environ)
        elif isinstance(value, str) and value.startswith("$"):
            tree[key] = environ.get(value[1:], "")


def _validated(tree: Tree, source: Path) -> Settings:
    try:
        return Settings.model_validate(tree)
    except ValidationError as exc:
        lines = [
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}{_found(error)}"
            for error in exc.errors(include_url=False)
        ]
        raise SettingsError(
            f"settings ({source.name} and environment):\n  " + "\n  ".join(lines)
        ) from exc


def _found(error: ErrorDetails) -> str:
    """What stands there, unless it may be a secret."""
    secret = {"url", "token", "app_secret", "encoding_aes_keys", "ring", "index", "key"}
    if error["type"] == "extra_forbidden" or secret & set(error["loc"]):
        return ""
    return f" (found {error['input']!r})"


def _fill_local_secrets(tree: Tree, data_dir: Path) -> None:
    keys, wechat = tree["keys"], tree["wechat"]
    if not isinstance(keys, dict) or not isinstance(wechat, dict):
        return
    kept = _local_secrets(data_dir / SECRETS_FILE)
    keys["ring"] = keys["ring"] or kept["ring"]
    keys["index"] = keys["index"] or kept["index"]
    wechat["token"] = wechat["token"] or kept["token"]
    wechat["app_secret"] = wechat["app_secret"] or kept["app_secret"]
    wechat["encoding_aes_keys"] = wechat["encoding_aes_keys"] or [kept["aes_key"]]


def _local_secrets(file: Path) -> dict[str, str]:
    """The generated secrets; of several processes that start at once the first one's count."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise SettingsError(f"data_dir: {file.parent} cannot be made: {exc.strerror}") from exc
    letters = string.ascii_letters + string.digits
    fresh = {
        "ring": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "index": base64.b64encode(secrets.token_bytes(32)).decode(),
        "token": "".join(secrets.choice(letters) for _ in range(24)),
        "app_secret": secrets.token_hex(16),
        # 43 characters of base64 make 32 bytes only when the last one's low bits are zero.
        "aes_key": "".join(secrets.choice(letters) for _ in range(42)) + "A",
    }
    mine = file.with_suffix(f".{os.getpid()}")
    mine.touch(mode=0o600)
    mine.write_text(json.dumps(fresh), encoding="utf-8")
    try:
        file.hardlink_to(mine)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def _complain(settings: Settings) -> None:
    """What no single field can know is wrong."""
    wechat, llm = settings.wechat, settings.policy.llm
    live = settings.environment == "live"
    rules = (
        (not _ring_reads(settings), "keys.ring, keys.index: expected id:base64 of 32 bytes each"),
        (not wechat.token, "wechat.token: expected 3-32 letters or digits"),
        (
            wechat.modes != ["plain"] and not wechat.encoding_aes_keys,
            "wechat.encoding_aes_keys: expected at least one key of 43 letters or digits",
        ),
        (
            live and "plain" in wechat.modes,
            "wechat.modes: live does not accept plain deliveries, remove it",
        ),
        (live and not wechat.app_secret, "wechat.app_secret: expected the AppSecret"),
        (
            live and not settings.web.public_url.startswith("https://"),
            "web.public_url: expected the https address that members' phones reach",
        ),
        (
            bool(llm.url) and not llm.model,
            "policy.llm.model: expected the name of the model at policy.llm.url",
        ),
        (
            bool(llm.url) and llm.timeout * 2 > settings.messages.lease,
            "policy.llm.timeout: expected at most half of messages.lease",
        ),
    )
    wrong = [sentence for broken, sentence in rules if broken]
    if wrong:
        raise SettingsError("settings:\n  " + "\n  ".join(wrong))


def _ring_reads(settings: Settings) -> bool:
    try:
        _ = settings.ring
    except ValueError:
        return False
    return True
