"""An import that is killed in the middle loses nothing and is finished by the next."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.documents import rules
from tests.faults.servers import HERE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(240)
FILES, BODIES = 400, 25


def counted(database_url: str) -> tuple[int, int]:
    """Documents, and those that do not have all their articles."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE (SELECT count(*) FROM article a"
            " WHERE a.document_id = d.id) <> 9) FROM document d"
        ).fetchone()
    assert row is not None
    return row


async def begin(database_url: str, folder: Path, data_dir: Path) -> asyncio.subprocess.Process:
    environ = {"DATABASE_URL": database_url, "LIANXIN_DATA_DIR": str(data_dir)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "policy",
        "import",
        str(folder),
        cwd=HERE,
        env=os.environ | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def test_an_import_killed_in_the_middle_is_finished_by_the_next(
    database_url: str, tmp_path: Path
):
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(FILES):
        bodies = [f"第 {number} 份文件的规定。" * BODIES] * 9
        text = rules(*bodies, title=f"第{number}号办法")
        (folder / f"{number:03d}.md").write_text(text, encoding="utf-8")
    process = await begin(database_url, folder, tmp_path / "var")
    while counted(database_url)[0] < 5:
        assert process.returncode is None
        await asyncio.sleep(0.01)
    process.kill()
    await process.communicate()
    done, torn = counted(database_url)
    assert done < FILES
    assert torn == 0
    process = await begin(database_url, folder, tmp_path / "var")
    told, _ = await process.communicate()
    assert process.returncode == 0
    assert f"{FILES - done} texts imported, {done} known already" in told.decode()
    assert counted(database_url) == (FILES, 0)
