"""A relay for benchmarks/polling.py in a process of its own: a bare HTTP/1.1 server that only answers reads.

Run by it: python -m benchmarks.polling_relay PORT PROGRESS_EVERY_SECONDS LATENCY_SECONDS
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import zlib


class Reads(asyncio.Protocol):
    """One keep-alive connection; a request has no body."""

    progress_every_seconds = 0.0
    latency_seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            reply = answer(head.split(b" ", 2)[1].rpartition(b"/")[2].decode(), self.progress_every_seconds)
            asyncio.get_running_loop().call_later(self.latency_seconds, self.transport.write, reply)


def answer(task_id: str, progress_every_seconds: float) -> bytes:
    """Running, at a percentage that moves every so many seconds, each task at its own moment."""
    steps = int((time.time() + zlib.crc32(task_id.encode()) % 1000) / progress_every_seconds)
    task = {"task_id": task_id, "status": "IN_PROGRESS", "progress": f"{steps % 99}%", "fail_reason": ""}
    body = json.dumps({"code": "success", "message": "", "data": task}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Reads, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    Reads.progress_every_seconds, Reads.latency_seconds = float(sys.argv[2]), float(sys.argv[3])
    asyncio.run(serve(int(sys.argv[1])))
