"""Who may ask the server of `kelvolt serve`, and what it answers: requests made by hand, without a browser."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kelvolt as kv
import pytest
from kelvolt.cli.commands import main
from kelvolt.serve.explorer import Explorer
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect


@pytest.fixture(scope="module")
def page() -> Iterator[Explorer]:
    opened = kv.load("single_loop").explore()
    yield opened
    opened.stop()


def get(page: Explorer, path: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    at = urlsplit(page.url)
    asked = http.client.HTTPConnection("127.0.0.1", at.port, timeout=20)
    asked.request("GET", at.path if path is None else path, headers={"Host": f"127.0.0.1:{at.port}"} | headers)
    answer = asked.getresponse()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode(errors="replace")


def talk(page: Explorer, tab: str = "", **settings: Any) -> ClientConnection:
    at = urlsplit(page.url)
    origin = settings.pop("origin", f"http://127.0.0.1:{at.port}")
    return connect(f"ws://127.0.0.1:{at.port}{at.path}talk?tab={tab}", origin=origin, max_size=None, **settings)


def until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if told["type"] == kind:
            return told


def test_every_address_needs_the_token(page: Explorer) -> None:
    token = urlsplit(page.url).path
    status, headers, text = get(page)
    assert status == 200 and "<title>Kelvolt" in text
    for path in ("/", "/static/main.js", "/talk", f"/x{token[1:]}", "/file/case?tab=x"):
        status, _, text = get(page, path)
        assert status == 403 and "token" in text, path
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{urlsplit(page.url).port}/talk", origin=f"http://127.0.0.1:{urlsplit(page.url).port}")
    assert refused.value.response.status_code == 403


def test_another_host_name_and_another_page_are_refused(page: Explorer) -> None:
    assert get(page, Host="rebound.example:80")[0] == 403
    assert get(page, Host=f"localhost:{urlsplit(page.url).port}")[0] == 200
    for origin in ("http://evil.example", "null", None):
        with pytest.raises(InvalidStatus):
            talk(page, origin=origin)


def test_the_page_runs_scripts_of_the_package_only(page: Explorer) -> None:
    _, headers, text = get(page)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script>|<script [^>]*>[^<]|\son\w+=|https?://", text)
    for file in re.findall(r'(?:src|href)="(static/[^"]+)"', text):
        assert get(page, urlsplit(page.url).path + file)[0] == 200, file


def test_files_outside_of_the_page_are_not_served(page: Explorer) -> None:
    token = urlsplit(page.url).path
    for path in ("static/../server.py", "static/%2e%2e/server.py", "static/", "static/../../../../etc/passwd"):
        assert get(page, token + path)[0] in (403, 404), path


def test_each_tab_has_its_own_state_and_finds_it_again(page: Explorer) -> None:
    with talk(page) as one, talk(page) as other:
        tabs = [until(s, "hello")["tab"] for s in (one, other)]
        assert tabs[0] != tabs[1]
        knob = until(one, "picture") and kv.load("single_loop").core.find_parameters("**.*").paths
        assert knob
        one.send(json.dumps({"do": "knob", "path": "speed.value"}))
        begun = until(one, "knob")["knob"]["value"]
        one.send(json.dumps({"do": "set", "values": {"speed.value": 0.9 * begun / 100.0}, "ask": 1}))
        until(one, "answer")
        with talk(page, tabs[1]) as third:  # the tab is open already
            assert until(third, "hello")["tab"] not in tabs
    with talk(page, tabs[0]) as again:
        assert until(again, "hello")["tab"] == tabs[0]
        assert [row["path"] for row in until(again, "answer")["changed"]] == ["speed.value"]


def test_of_values_that_wait_the_latest_wins(page: Explorer) -> None:
    with talk(page) as tab:
        until(tab, "picture")
        for k in range(200):
            tab.send(json.dumps({"do": "set", "values": {"speed.value": 0.5 + 0.002 * k}, "mark": "d", "ask": k}))
        answers = []
        while not answers or answers[-1]["ask"] != 199:
            answers.append(until(tab, "answer"))
        assert len(answers) < 200
        assert page.state.at("speed.value") == pytest.approx(0.5 + 0.002 * 199)


def test_a_bad_value_is_answered_as_on_the_command_line(page: Explorer) -> None:
    with talk(page) as tab:
        until(tab, "picture")
        for path, value in (("speed.value", "3 banana"), ("speed.valve", 1.0), ("pump.efficiency_motor", -2.0)):
            tab.send(json.dumps({"do": "set", "values": {path: value}}))
            told = until(tab, "error")["message"]
            with pytest.raises(kv.InputError) as expected:
                kv.load("single_loop")[path] = value
            assert told == str(expected.value)
        for nonsense in ({"do": "dance"}, {"do": "set"}, {"do": "part", "path": "nowhere"}, {"do": "at", "row": 3}):
            tab.send(json.dumps(nonsense))
            assert until(tab, "error")["message"]
        tab.send(json.dumps({"do": "present"}))
        assert until(tab, "answer")["verdict"], "the tab goes on"


def test_without_write_nothing_is_written(page: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with talk(page) as tab:
        until(tab, "picture")
        for what in ("case", "report", "result"):
            tab.send(json.dumps({"do": "write", "what": what}))
            assert "--write" in until(tab, "error")["message"]
    assert list(tmp_path.iterdir()) == []


def test_downloads_are_those_of_the_tab(page: Explorer) -> None:
    with talk(page) as tab:
        name = until(tab, "hello")["tab"]
        tab.send(json.dumps({"do": "set", "values": {"speed.value": 0.77}, "ask": 1}))
        while until(tab, "answer")["ask"] != 1:
            pass
        status, headers, text = get(page, f"{urlsplit(page.url).path}file/case?tab={name}")
        assert status == 200 and "single_loop_changed.yaml" in headers["content-disposition"] and "0.77" in text
        assert get(page, f"{urlsplit(page.url).path}file/keys?tab={name}")[0] == 409
    assert get(page, f"{urlsplit(page.url).path}file/case?tab=unknown")[0] == 404


def test_an_explorer_shows_itself_and_gives_its_state(page: Explorer) -> None:
    assert f'<iframe src="{page.url}"' in page._repr_html_() and "open" in repr(page)
    with talk(page) as tab:
        until(tab, "picture")
        tab.send(json.dumps({"do": "set", "values": {"speed.value": 0.66}}))
        until(tab, "answer")
        assert page.state.at("speed.value") == pytest.approx(0.66)
        page.state["speed.value"] = 0.5
        assert page.state.at("speed.value") == pytest.approx(0.66), "it is a copy"
    other = kv.load("single_loop").explore()
    other.stop()
    assert "ended" in repr(other)


# ---- the command ----


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "out").mkdir()
    words = [sys.executable, "-m", "kelvolt", "serve", "single_loop", "--no-browser", "--write", str(tmp_path / "out")]
    started = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ}
    )
    yield started
    started.kill()
    started.wait()


def test_the_command_prints_the_address_writes_where_allowed_and_ends_with_ctrl_c(
    command: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert command.stdout is not None and command.stderr is not None
    command.stdout.readline()
    url = command.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{30,}/", url)
    at = urlsplit(url)
    with connect(f"ws://127.0.0.1:{at.port}{at.path}talk", origin=f"http://127.0.0.1:{at.port}", max_size=None) as tab:
        until(tab, "picture")
        tab.send(json.dumps({"do": "write", "what": "case"}))
        file = Path(until(tab, "written")["file"])
        assert file.parent == tmp_path / "out" and kv.load(file).steady().verdict
        tab.send(json.dumps({"do": "write", "what": "case"}))
        assert "is there already" in until(tab, "error")["message"], "a case is never replaced"
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=20)
    assert command.returncode == 0 and out.endswith("ended\n") and err == ""


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["serve", "single_loop", "--no-browser", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert f"port {port}" in told and "--port" in told and "in use" in told


def test_a_port_that_is_none_and_a_folder_that_is_not_there_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["serve", "single_loop", "--no-browser", "--port", "70000"]) == 2
    assert "0 to 65535" in capsys.readouterr().err
    assert main(["serve", "single_loop", "--no-browser", "--write", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
