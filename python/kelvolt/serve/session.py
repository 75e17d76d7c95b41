"""The conversation with one tab: messages in, answers out. Of asks that wait, the latest wins."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from kelvolt.base import files
from kelvolt.base.errors import Error, InputError
from kelvolt.serve.view import Cancelled, Told, View

_CHANGES = {"set", "undo", "redo", "reset", "back", "scenario"}
_LONG = {"run", "failures"}
_KINDS = {"case": "case", "report": "page", "result": "result"}  # what is written, and its kind of file
_MOST_WAITING = 200  # messages


class Session:
    """One connection of one tab. Slider values that arrive while a solve goes on are merged to the last ones."""

    def __init__(self, socket: WebSocket, view: View, tab: str, folder: Path | None) -> None:
        self._socket, self._view, self._tab, self._folder = socket, view, tab, folder
        self._waiting: deque[Told] = deque()
        self._arrived = asyncio.Event()
        self._long: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._drawing: asyncio.Task[None] | None = None
        self._outdated = False
        self._drawn_for: Any = None

    async def talk(self) -> None:
        """Serves the tab until it closes; a long study of it is then ended."""
        hello = await asyncio.to_thread(self._view.hello)
        await self._send(hello | {"tab": self._tab, "write": str(self._folder) if self._folder else ""})
        await self._answer(None)
        worker = asyncio.create_task(self._work())
        offering = asyncio.create_task(self._offer())
        try:
            while True:
                self._take(json.loads(await self._socket.receive_text()))
        except (WebSocketDisconnect, ValueError, KeyError, TypeError):
            self._view.cancel()
        finally:
            worker.cancel()
            offering.cancel()

    async def _offer(self) -> None:
        """The sliders and the list for the search, after the first picture, which is not to wait for them."""
        if self._drawing is not None:
            await asyncio.wait([self._drawing])
        await self._send(await asyncio.to_thread(self._view.offer))

    def _take(self, asked: Told) -> None:
        """A message into the queue; one of a slider that follows another is merged with it."""
        if asked["do"] == "cancel":
            self._view.cancel()
            return
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last["do"] == asked["do"] == "set" and last.get("mark") == asked.get("mark"):
            self._waiting[-1] = asked | {"values": {**last["values"], **asked["values"]}}
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting.append(asked)
        self._arrived.set()

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                asked = self._waiting.popleft()
                try:
                    await self._do(asked)
                except Error as error:
                    await self._answer(None)
                    await self._send({"type": "error", "ask": asked.get("ask"), "message": str(error)})
                except Exception as error:  # shown in the page and not only in the terminal
                    await self._send(
                        {"type": "error", "ask": asked.get("ask"), "message": f"not understood: {error!r}"}
                    )

    async def _do(self, asked: Told) -> None:
        word, view = asked["do"], self._view
        if word in _CHANGES:
            await asyncio.to_thread(view.change, asked)
            await self._answer(asked.get("ask"))
        elif word in _LONG:
            self._begin(asked)
        elif word == "write":
            await self._send(await asyncio.to_thread(self._write, str(asked.get("what"))))
        elif word == "knob":
            await self._send(await asyncio.to_thread(view.knob, str(asked["path"])))
        elif word == "drop":
            view.drop_knob(str(asked["path"]))
        else:
            await asyncio.to_thread(self._look, asked)
            await self._answer(asked.get("ask"))

    def _look(self, asked: Told) -> None:
        """What changes the sight and not the state."""
        view, word = self._view, asked["do"]
        does: dict[str, Callable[[], Any]] = {
            "keep": view.state.keep,
            "forget": lambda: setattr(view.state, "kept", None),
            "tab": lambda: setattr(view, "tab", str(asked["tab"])),
            "part": lambda: setattr(view, "open_part", str(asked.get("path") or "")),
            "at": lambda: view.at(int(asked["row"])),
            "after": lambda: view.after(str(asked["name"])),
            "present": view.present,
        }
        if word not in does:
            raise InputError(f"'{word}' is nothing that this page asks")
        does[word]()

    async def _answer(self, ask: Any) -> None:
        """The numbers at once; pictures follow, drawn beside the next solves, and always of the latest state."""
        answer = await asyncio.to_thread(self._view.answer)
        await self._send(answer | {"ask": ask})
        self._drawn_for = ask
        self._outdated = True
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.create_task(self._draw())

    async def _draw(self) -> None:
        while self._outdated:
            if self._waiting and self._waiting[0]["do"] == "set":
                await asyncio.sleep(0.01)  # a further value of a slider is waiting
                continue
            self._outdated = False
            try:
                await self._send(await asyncio.to_thread(self._view.picture) | {"ask": self._drawn_for})
            except Error as error:
                self._view.open_part = ""
                await self._send({"type": "error", "ask": self._drawn_for, "message": str(error)})

    # ---- long studies ----

    def _begin(self, asked: Told) -> None:
        if self._long is not None and not self._long.done():
            raise InputError("a study is still going on; end it first")
        self._long = asyncio.create_task(self._study(asked))

    async def _study(self, asked: Told) -> None:
        loop = asyncio.get_running_loop()

        def show(told: Told) -> None:
            asyncio.run_coroutine_threadsafe(self._send(told), loop)

        try:
            await self._send(await asyncio.to_thread(self._view.long, asked, show))
        except Cancelled as error:
            await self._send({"type": "cancelled", "of": asked["do"], "message": str(error)})
        except Error as error:
            await self._send({"type": "cancelled", "of": asked["do"], "message": str(error), "failed": True})

    def _write(self, what: str) -> Told:
        if self._folder is None:
            raise InputError("nothing is written on the disk: start `kelvolt serve` with --write FOLDER to allow it")
        name, content = self._view.file(what)
        place = files.replaceable(self._folder / name, _KINDS[what])
        if isinstance(content, str):
            files.write_text(place, content, _KINDS[what])
        else:
            self._view.seen().write(place)
        return {"type": "written", "file": str(place)}

    async def _send(self, told: Told) -> None:
        async with self._sending:
            try:
                await self._socket.send_text(json.dumps(told, allow_nan=False, ensure_ascii=False))
            except (RuntimeError, WebSocketDisconnect):  # the tab was closed meanwhile
                self._view.cancel()
