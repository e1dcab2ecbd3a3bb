from __future__ import annotations

import asyncio

import pytest
import zmq

from fakebroker import DEADLINE_S, PONG
from jackfield._link import Link


def test_reads_what_came_while_it_was_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending takes the descriptor's one signal away, when something comes at that very moment."""
    flush = Link._flush

    async def main() -> None:
        came: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()
        with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
            router.setsockopt(zmq.LINGER, 0)
            router.bind("tcp://127.0.0.1:*")
            endpoint = router.getsockopt_string(zmq.LAST_ENDPOINT)
            first: list[bytes] = []

            def on_frames(frames: list[bytes]) -> None:
                if not first:
                    first.extend(frames)
                    monkeypatch.setattr(Link, "_flush", flush_and_swallow)
                else:
                    came.set_result(frames)

            def flush_and_swallow(link: Link) -> None:
                monkeypatch.setattr(Link, "_flush", flush)
                router.send_multipart([peer, b"second"])
                while not int(link._socket.EVENTS) & zmq.POLLIN:
                    pass
                flush(link)

            def on_lost(reason: str) -> None:
                came.cancel(reason)

            link = Link(context, endpoint, frame_bytes_max=1000, on_frames=on_frames, on_lost=on_lost)
            try:
                link.send([b"hello"])
                peer = (await asyncio.to_thread(router.recv_multipart))[0]
                router.send_multipart([peer, PONG])

                assert await asyncio.wait_for(came, DEADLINE_S) == [b"second"]
            finally:
                link.close()

    asyncio.run(main())
