"""Real processes of the service, started, asked, killed and ended by their id."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

import aiohttp

from handlers.language import Places, load_edition

HERE = Path(__file__).resolve().parents[2]
START = 60.0  # seconds a process may take to be ready


def free_port() -> int:
    """A port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def learnt() -> Path:
    """What the language learns on its first start, learnt once for all processes of a run."""
    folder = Path(tempfile.mkdtemp(prefix="lianxin-learnt-"))
    room = HERE / "nlp"
    load_edition(Places(room / "lexicon", room / "examples", folder), "learnt")
    return folder


@dataclass
class Server:
    """One `lianxin` process on a database of the test."""

    database_url: str
    data_dir: Path
    command: tuple[str, ...] = ("serve",)
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None
    started: ClassVar[list[Server]] = []

    @property
    def environ(self) -> dict[str, str]:
        """What the process is told."""
        return {
            "DATABASE_URL": self.database_url,
            "LIANXIN_DATA_DIR": str(self.data_dir),
            "LIANXIN_WEB__PORT": str(self.port),
            "LIANXIN_LOG_LEVEL": "WARNING",
            "LIANXIN_LANGUAGE__ENCODER": "false",
            **self.more,
        }

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.started.append(self)
        kept = self.data_dir / "cache" / "language"
        await asyncio.to_thread(shutil.copytree, learnt(), kept, dirs_exist_ok=True)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *self.command, cwd=HERE, env=os.environ | self.environ
        )
        if self.command[0] in {"serve", "up"}:
            await asyncio.wait_for(self._ready(), START)

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                assert self.process is not None
                assert self.process.returncode is None, "the process ended by itself"
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/health") as answer:
                        told = await answer.json()
                        loaded = told["language"]["edition"] and told["clauses"]["cards"]
                        if answer.status == 200 and loaded:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As a power cut would: no chance to say goodbye."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """As an operator would; the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 15)

    async def end(self) -> None:
        """Let nothing of it go on after the test."""
        if self.process is not None and self.process.returncode is None:
            await self.kill()
