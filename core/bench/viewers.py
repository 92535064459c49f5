"""python -m core.bench.viewers ADDRESS COUNT FILE: simulated browsers that note when which byte of the log arrived.

Takes one word a line: `look` connects them all and answers `looking` once each has its first message; `leave`
disconnects them and answers `left`. When the input ends it writes, for each viewer and look, a list of
[seconds since 1970, offset].
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


async def view(address: str, heard: list[tuple[float, int]], connected: asyncio.Event) -> None:
    from websockets.asyncio.client import connect

    async with connect(address, max_size=None, compression=None) as socket:
        async for message in socket:
            arrived = time.time()
            text = message if isinstance(message, str) else message.decode()
            # {"offset":12345,… : the number alone, since a browser's work is not what is measured
            heard.append((arrived, int(text[len('{"offset":') : text.index(",")])))
            connected.set()


async def serve(address: str, count: int, file: Path) -> None:
    lists: list[list[tuple[float, int]]] = []
    viewers: list[asyncio.Task[None]] = []
    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if word == "look":
            heard: list[list[tuple[float, int]]] = [[] for _ in range(count)]
            connected = [asyncio.Event() for _ in range(count)]
            viewers = [asyncio.create_task(view(address, *each)) for each in zip(heard, connected, strict=True)]
            await asyncio.gather(*(event.wait() for event in connected))
            lists += heard
            answer("looking")
        elif word == "leave":
            for viewer in viewers:
                viewer.cancel()
            await asyncio.gather(*viewers, return_exceptions=True)
            answer("left")
    file.write_text(json.dumps(lists))


def answer(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
