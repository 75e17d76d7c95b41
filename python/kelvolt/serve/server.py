"""The server of the page: on this machine only, with a random token in every address.

Requests are refused without the token, with another Host than this server's (a web page elsewhere could otherwise reach
it by a name of its own, DNS rebinding), and WebSockets that another page opened (Origin). The page gets a policy by
which it runs scripts of this package only.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from kelvolt.base.errors import Error, InputError
from kelvolt.cases.case import Case
from kelvolt.serve.session import Session
from kelvolt.serve.view import View

HOST = "127.0.0.1"
_STATIC = Path(__file__).parent / "static"
_MOST_TABS = 16  # states that are kept; the oldest that no tab shows is given up
_TYPES = {".yaml": "text/yaml; charset=utf-8", ".html": "text/html; charset=utf-8", ".h5": "application/x-hdf5"}


@dataclass
class Site:
    """What one server shows: one case, and a view for each tab."""

    case: Case
    units: str = "si"
    folder: Path | None = None  # where files may be written; None: nowhere
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    views: dict[str, View] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)  # tabs that are connected
    last: str = ""  # the tab that was connected last

    def view(self, tab: str) -> tuple[str, View]:
        """The view of a tab that comes back, else a new one; two tabs never have one view."""
        if tab not in self.views or tab in self.shown:
            tab = secrets.token_urlsafe(9)
            self.views[tab] = View(self.case, self.units)
            while len(self.views) > _MOST_TABS and (idle := next((t for t in self.views if t not in self.shown), "")):
                del self.views[idle]
        self.last = tab
        return tab, self.views[tab]


class Guard:
    """Refuses requests without the token, for another host, or from another page; adds headers to all answers."""

    def __init__(self, app: ASGIApp, token: str, port: int, frames: Sequence[str]) -> None:
        self._app, self._token = app, token.encode()
        self._hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}
        sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts))
        self._headers = {
            "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self' {sockets}; base-uri 'none'; "
            f"form-action 'none'; frame-ancestors {' '.join(frames) or chr(39) + 'none' + chr(39)}",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(k, v) for k, v in message["headers"] if k.decode() not in self._headers]
                message["headers"] = kept + [(k.encode(), v.encode()) for k, v in self._headers.items()]
            await send(message)

        if not refused:
            await self._app(scope, receive, with_headers)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused})
        else:
            await PlainTextResponse(refused + "\n", 403)(scope, receive, with_headers)

    def _refused(self, scope: Scope) -> str:
        """The reason of a refusal, empty where the request is in order."""
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        if headers.get("host") not in self._hosts:
            return "refused: this server answers to 127.0.0.1 and localhost only"
        given = str(scope["path"]).split("/")[1].encode()
        if not secrets.compare_digest(given, self._token):
            return "refused: the address lacks the token that kelvolt serve printed; open the whole address"
        if scope["type"] == "websocket" and headers.get("origin") not in self._origins:
            return "refused: another page asks"
        return ""


def application(site: Site, port: int, frames: Sequence[str] = ()) -> ASGIApp:
    """The application for one site; `frames`: origins of pages that may show it in a frame."""

    async def page(request: Request) -> Response:
        return FileResponse(_STATIC / "index.html", media_type="text/html; charset=utf-8")

    async def talk(connection: WebSocket) -> None:
        await connection.accept()
        tab, view = await asyncio.to_thread(site.view, connection.query_params.get("tab", ""))
        site.shown.add(tab)
        try:
            await Session(connection, view, tab, site.folder).talk()
        finally:
            site.shown.discard(tab)

    async def download(request: Request) -> Response:
        view = site.views.get(request.query_params.get("tab", ""))
        if view is None:
            return PlainTextResponse("this tab is not known any more; load the page again\n", 404)
        try:
            name, content = await asyncio.to_thread(view.file, request.path_params["what"])
        except Error as error:
            return PlainTextResponse(f"{error}\n", 409)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)

    routes = [
        Route("/", page),
        WebSocketRoute("/talk", talk),
        Route("/file/{what}", download),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    return Guard(Starlette(routes=[Mount(f"/{site.token}", routes=routes)]), site.token, port, frames)


def listening(port: int) -> socket.socket:
    """A socket at a port of this machine, 0: any that is free. Raises InputError where it is taken or not allowed."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(100)  # who comes before the server has started waits
    except (OSError, OverflowError) as error:
        made.close()
        why = error.strerror if isinstance(error, OSError) else "a port is a number from 0 to 65535"
        raise InputError(f"port {port} cannot be used: {why}; give another one with --port, or none") from None
    return made


def server_of(site: Site, at: socket.socket, frames: Sequence[str] = ()) -> tuple[uvicorn.Server, str]:
    """The server that listens at a socket, not yet started, and the address of the page with its token."""
    port = at.getsockname()[1]
    settings: dict[str, Any] = {"ws": "websockets-sansio", "lifespan": "off", "log_level": "error"}
    app = application(site, port, frames)
    config = uvicorn.Config(app, access_log=False, timeout_graceful_shutdown=1, server_header=False, **settings)
    return uvicorn.Server(config), f"http://{HOST}:{port}/{site.token}/"
