"""Messages a second of `/wechat` in safe mode, beside a bare aiohttp handler in the same run.

Usage: python tests/bench/webhook.py [--seconds 5] [--connections 32 256]

Both servers run as one process each on loopback, warm, one after the other, driven by the same
client process with keep-alive connections and deliveries signed and sealed beforehand. Every
message is of another person and asks something that is answered with words, so that claim,
understanding, reply, commit and encryption all take place.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import uvloop

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE))

from bot.config import read_settings  # noqa: E402 - after the path
from tests.contract.deliveries import safe, text_xml  # noqa: E402

WORDS = ("你好", "你能做什么", "谢谢你", "在吗", "早上好")
BARE = """
import sys, uvloop
from aiohttp import web
async def receive(request):
    await request.read()
    return web.Response(text="success")
app = web.Application()
app.router.add_post("/wechat", receive)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None,
            loop=uvloop.new_event_loop())
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: messages, seconds, CPU seconds of the server, waiting times in seconds."""

    messages: int
    seconds: float
    cpu: float
    database_cpu: float
    waits: list[float]

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    def wait(self, share: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * share) - 1] * 1000


def requests(environ: dict[str, str], count: int) -> list[bytes]:
    """Whole HTTP requests, one a person."""
    wechat = read_settings(environ=environ).wechat
    now = int(time.time())
    made = []
    for number in range(count):
        xml = text_xml(f"oBENCH{os.getpid()}x{number:08d}", WORDS[number % 5], number, at=now)
        delivery = safe(wechat, xml, at=now)
        head = (
            f"POST /wechat?{urlencode(delivery.query)} HTTP/1.1\r\nHost: bench\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(delivery.body)}\r\n\r\n"
        )
        made.append(head.encode() + delivery.body)
    return made


async def drive(port: int, made: list[bytes], connections: int, seconds: float) -> Figures:
    """Send for so many seconds over so many connections; every answer must be a 200."""
    waiting = iter(made)
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            request = next(waiting, None)
            if request is None:
                break
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            waits.append(time.perf_counter() - begun)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return Figures(len(waits), time.perf_counter() - begun, 0.0, 0.0, waits)


def cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def database_cpu(data_dir: Path) -> float:
    """CPU seconds of the embedded server's processes that live now."""
    total = 0.0
    for process in psutil.process_iter(("name", "ppid")):
        if process.info["name"] == "postgres":
            try:
                total += cpu_of(process)
            except psutil.NoSuchProcess:
                continue
    return total


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(
    command: list[str],
    environ: dict[str, str],
    port: int,
    rounds: list[tuple[int, list[bytes]]],
    seconds: float,
) -> dict[int, Figures]:
    """Start a server, warm it, measure each round, end it by its id."""
    server = subprocess.Popen(command, env=os.environ | environ, cwd=HERE)
    found = {}
    try:
        wait_for(port)
        process = psutil.Process(server.pid)
        for connections, made in rounds:
            warm, rest = made[:1000], made[1000:]
            uvloop.run(drive(port, warm, connections, seconds))
            before, database = cpu_of(process), database_cpu(HERE)
            run = uvloop.run(drive(port, rest, connections, seconds))
            spent, data = cpu_of(process) - before, database_cpu(HERE) - database
            found[connections] = Figures(run.messages, run.seconds, spent, data, run.waits)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, nargs="+", default=[32, 256])
    options = parser.parse_args()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "LIANXIN_DATA_DIR": folder,
            "LIANXIN_WEB__PORT": "18180",
            "LIANXIN_LOG_LEVEL": "WARNING",
        }
        lianxin = [sys.executable, "-m", "bot"]
        subprocess.run([*lianxin, "migrate"], env=os.environ | environ, cwd=HERE, check=True)
        count = int(options.seconds * 12000) + 1000
        rounds = [(n, requests(environ, count)) for n in options.connections]
        bare = measure([sys.executable, "-c", BARE, "18181"], {}, 18181, rounds, options.seconds)
        ours = measure([*lianxin, "serve"], environ, 18180, rounds, options.seconds)
    print(f"load before the run: {load[0]:.2f}; {os.cpu_count()} cores, shared with the client")
    print(
        f"{'connections':>12} {'':>8} {'msg/s':>8} {'of bare':>8} {'CPU µs':>8} {'db µs':>7}"
        f" {'p50 ms':>7} {'p99 ms':>7}"
    )
    for connections in options.connections:
        for name, figures in (("bare", bare[connections]), ("/wechat", ours[connections])):
            ratio = figures.rate / bare[connections].rate
            print(
                f"{connections:>12} {name:>8} {figures.rate:>8.0f} {ratio:>8.3f}"
                f" {figures.cpu / figures.messages * 1e6:>8.0f}"
                f" {figures.database_cpu / figures.messages * 1e6:>7.0f}"
                f" {figures.wait(0.5):>7.1f} {figures.wait(0.99):>7.1f}"
            )


if __name__ == "__main__":
    main()
