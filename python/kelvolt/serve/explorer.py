"""Starts the server: for the command line until Ctrl-C, in a notebook in a thread of the kernel."""

from __future__ import annotations

import html
import signal
import threading
import time
import webbrowser
from pathlib import Path
from types import ModuleType

from kelvolt.base.errors import Error, FileError, InputError
from kelvolt.cases.case import Case

_NOTEBOOKS = ("'self'", "http://localhost:*", "http://127.0.0.1:*", "vscode-webview:")
_PATIENCE = 10.0  # s until a server that does not start is given up


class Explorer:
    """What `case.explore()` returns: the page of a case, which a notebook shows; it ends with the kernel.

    `url` is the address with its token, `state` a copy of the case as it stands in the tab that was opened last, and
    `stop()` ends the server.
    """

    def __init__(self, case: Case, *, units: str = "si", height: int = 760) -> None:
        server = _server()
        self._site = server.Site(case.copy(), units)
        self._socket = server.listening(0)
        self._server, self.url = server.server_of(self._site, self._socket, _NOTEBOOKS)
        self._height = height
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="kelvolt explore", daemon=True
        )
        self._thread.start()
        end = time.monotonic() + _PATIENCE
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise Error("the server of the page did not start; see the messages in the terminal of the notebook")
            time.sleep(0.01)

    @property
    def state(self) -> Case:
        """A copy of the case with the values of the tab that was opened last; without a tab the case as it was."""
        view = self._site.views.get(self._site.last)
        shown: Case = self._site.case if view is None else view.state.case
        return shown.copy()

    def stop(self) -> None:
        """Ends the server; the page then shows that it is gone."""
        self._server.handle_exit(signal.SIGTERM, None)
        self._thread.join(timeout=_PATIENCE)
        self._socket.close()

    def _repr_html_(self) -> str:
        style = "width:100%;border:1px solid #999"
        return f'<iframe src="{html.escape(self.url)}" height="{self._height}" style="{style}"></iframe>'

    def __repr__(self) -> str:
        running = "open" if self._thread.is_alive() else "ended"
        return f"<page of {self._site.case.title or 'a case'}, {running}: {self.url}>"


def serve(case: Case, *, port: int = 0, browser: bool = True, folder: Path | None = None, units: str = "si") -> None:
    """Serves the page of a case until Ctrl-C. port: 0 takes any that is free. folder: where the page may write files.

    Raises InputError where the port is taken or a library is missing, FileError where the folder does not exist.
    """
    server = _server()
    if folder is not None and not folder.is_dir():
        raise FileError(f"{folder}: there is no such folder; make it, or leave --write out")
    site = server.Site(case, units, folder)
    at = server.listening(port)
    made, url = server.server_of(site, at)
    written = f"files may be written into {folder}" if folder else "nothing is written on the disk"
    print(f"{case.title or case.file}\n  {url}\n  for this machine only; {written}; Ctrl-C ends it", flush=True)
    if browser:
        threading.Timer(0.3, webbrowser.open, [url]).start()
    try:
        made.run(sockets=[at])
    except KeyboardInterrupt:
        pass
    finally:
        at.close()
    print("ended")


def _server() -> ModuleType:
    """The module of the server. Raises InputError where its libraries are missing."""
    try:
        from kelvolt.serve import server
    except ImportError as error:
        raise InputError(f"the page needs {error.name}: pip install 'kelvolt[serve]'") from None
    return server
