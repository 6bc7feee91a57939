"""Our own HTTP doors, really open on a free port of this machine, for as long as a test needs them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from bot.web import Server
from channels.webchat import WebChat


@asynccontextmanager
async def open_doors(app: ASGIApp, *, webchat: WebChat | None = None, port: int = 0) -> AsyncIterator[int]:
    """Serve `app` on loopback as the program does; gives the port."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
        port = listening.getsockname()[1]
        server = Server(app, host="127.0.0.1", port=port, webchat=webchat)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield port
        finally:
            server.should_exit = True
            await serving
