from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

from sandbox.cloud_rig import ROOT, eventually
from sandbox.up_rig import alive, descendants, free_ports, gone, run_up, running_up

pytestmark = pytest.mark.sandbox


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """Where the command puts its temporary files."""
    folder = tmp_path / "temp"
    folder.mkdir()
    return folder


def healthy(port: int) -> Any:
    """Return the health answer, None while there is none."""
    try:
        with urllib3.PoolManager(retries=False) as http:
            return http.request("GET", f"http://127.0.0.1:{port}/api/health").json()
    except urllib3.exceptions.HTTPError:
        return None


def events_of(port: int) -> list[Any]:
    """Return the events that arrived."""
    with urllib3.PoolManager(retries=False) as http:
        return list(http.request("GET", f"http://127.0.0.1:{port}/api/events").json()["events"])


def test_once_succeeds_when_both_webhooks_are_seen_all_the_way(temp: Path) -> None:
    """Exit code 0, one JSON document with event, log line, metric and trace of both, nothing left behind."""
    port = free_ports()
    ended = run_up(
        temp, "--once", "--json", "--port", str(port), "--github-secret", "s3cret", "--twilio-token", "t0ken"
    )
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert document["ok"] is True
    assert document["health"]["github_url"] == f"http://127.0.0.1:{port + 1}/"
    assert document["health"]["twilio_url"] == f"http://127.0.0.1:{port + 2}/"
    assert document["generated_secrets"] == {}
    for provider, source in (("github", "github.com"), ("twilio", "twilio.com")):
        result = document["results"][provider]
        assert result["ok"]
        assert result["missing"] == []
        assert result["event"]["source"] == source
        assert result["log_line"]["event_id"] == result["event"]["id"]
        assert result["metric"]["name"] == "Accepted"
        assert result["trace_id"] == result["log_line"]["xray_trace_id"]
    assert list(temp.iterdir()) == []


def test_once_for_people_shows_what_came_out(temp: Path) -> None:
    """The tables name event, log line, metric and trace, and the secrets that were made up; no colour in a pipe."""
    ended = run_up(temp, "--once", "--port", str(free_ports()))
    assert ended.returncode == 0, ended.stderr
    for word in ("github.com", "twilio.com", "outcome=accepted", "Hookwatch Accepted", "HOOKWATCH_GITHUB_SECRET", "1-"):
        assert word in ended.stdout
    assert "\x1b" not in ended.stdout


def test_once_fails_and_says_what_is_missing(temp: Path) -> None:
    """With the push's sender on the list of actors to drop it never reaches the bus: exit code 1, and it says so."""
    dropped = ["--parameter", "OwnActors=Codertocat", "--parameter", "OwnActorAction=drop"]
    ended = run_up(temp, "--once", "--json", "--port", str(free_ports()), *dropped)
    assert ended.returncode == 1
    document = json.loads(ended.stdout)
    assert document["ok"] is False
    assert "the event on the queue" in document["results"]["github"]["missing"]
    assert document["results"]["twilio"]["ok"]


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_taken_port_is_named_before_anything_starts(temp: Path, offset: int) -> None:
    """Exit code 2 and a sentence with the port and the option that helps."""
    port = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + offset))
        taken.listen()
        ended = run_up(temp, "--once", "--port", str(port))
    assert ended.returncode == 2
    assert str(port + offset) in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "65534"], "65533"),
        (["--port", "x"], "port"),
        (["--github-secret", ""], "--github-secret"),
        (["--github-secret", " spaced "], "GitHubWebhookSecret"),
        (["--template", "nowhere.yaml"], "nowhere.yaml"),
        (["--template", "pyproject.toml"], "pyproject.toml"),
        (["--parameter", "EventFormat"], "NAME=VALUE"),
        (["--parameter", "EventFormat=odd"], "EventFormat"),
        (["--parameter", "Nothing=1"], "Nothing"),
    ],
)
def test_misuse_is_explained_without_a_traceback(temp: Path, arguments: list[str], word: str) -> None:
    """Exit code 2, one explanation on stderr, nothing left behind."""
    if "--port" not in arguments:
        arguments = [*arguments, "--port", str(free_ports())]
    ended = run_up(temp, "--once", *arguments)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(temp.iterdir()) == []


def test_the_template_is_found_from_anywhere_in_a_checkout(temp: Path, tmp_path: Path) -> None:
    """Run in a foreign folder, the checkout's own template is deployed."""
    ended = run_up(temp, "--once", "--json", "--port", str(free_ports()), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["health"]["template"] == str(ROOT / "template.yaml")


def test_a_template_without_a_checkout_runs_the_installed_package(temp: Path, tmp_path: Path) -> None:
    """A copy of the template in an empty folder works: its code is the hookwatch that runs the command."""
    lonely = tmp_path / "template.yaml"
    lonely.write_text((ROOT / "template.yaml").read_text())
    for nested in ("alarms", "dashboards", "runbooks"):
        shutil.copytree(ROOT / nested, tmp_path / nested)
    ended = run_up(temp, "--once", "--port", str(free_ports()), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert str(lonely) in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stays_until_a_signal_and_leaves_nothing(temp: Path, number: signal.Signals) -> None:
    """It serves until the signal, ends with exit code 0, and its processes and folders are gone."""
    port = free_ports()
    with running_up(temp, "--port", str(port)) as process:
        eventually(lambda: healthy(port), 30)
        eventually(lambda: len(events_of(port)) == 2)
        time.sleep(0.5)  # the rehearsal's last look; from here on it only watches
        below = descendants(process.pid)
        assert len(below) >= 4  # ministack's keeper, ministack, a worker for each provider
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(20) == 0
        assert gone(below, temp)


def test_a_signal_during_the_start_leaves_nothing(temp: Path) -> None:
    """Interrupted while it deploys, it cleans up all the same, and does not claim success."""
    with running_up(temp, "--port", str(free_ports())) as process:
        eventually(lambda: list(temp.iterdir()), 30)
        below = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 130
        assert gone(below, temp)


def test_killed_it_leaves_neither_processes_nor_folders(temp: Path) -> None:
    """SIGKILL cannot be caught; the keeper and the workers notice, and clean up."""
    port = free_ports()
    with running_up(temp, "--port", str(port)) as process:
        eventually(lambda: healthy(port), 30)
        eventually(lambda: len(events_of(port)) == 2)
        below = descendants(process.pid)
        assert len(alive(below)) >= 4
        process.kill()
        process.wait(5)
        assert gone(below, temp)


def test_it_listens_on_loopback_only(temp: Path) -> None:
    """No socket that takes connections or datagrams is open to other machines."""
    port = free_ports()
    with running_up(temp, "--port", str(port)) as process:
        eventually(lambda: healthy(port), 30)
        eventually(lambda: len(events_of(port)) == 2)
        below = descendants(process.pid)
        # The X-Ray SDK in the workers sends from a socket that the system binds; it takes nothing that counts.
        local = listening("tcp", {process.pid, *below}) | listening("udp", {process.pid})
        foreign = listening("tcp6", {process.pid, *below}) | listening("udp6", {process.pid})
    assert len(local) >= 6  # page, two Function URLs, AWS API, fault proxy, trace collector
    assert {address.split(":")[0] for address in local} == {"0100007F"}
    assert foreign == set()


def listening(table: str, pids: set[int]) -> set[str]:
    """Return the listening addresses of these processes, `address:port` in hexadecimal."""
    rows = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    inodes = {inode for pid in pids for inode in sockets_of(pid)}
    state = "0A" if table.startswith("tcp") else "07"
    return {row[1] for row in rows if row[9] in inodes and row[3] == state}


def sockets_of(pid: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found
