# SPDX-License-Identifier: Apache-2.0
"""One node as a process: two ports that know nothing of each other, one owner, a clean end.

And what only several processes can show: two officers, or one in two places, act at once.
"""

from __future__ import annotations

import json
import socket
import ssl
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from demo.case import PRESERVATION_FIELDS
from demo.console import Console

from comity.crypto.sealing import EncryptionIdentity, unseal
from comity.errors import ComityError
from support.nodes import Network, Node, comity_node, one_node

pytestmark = [pytest.mark.live, pytest.mark.slow]
AT_ONCE = 4
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Network, Node]]:
    with one_node(tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest.fixture
def node(started: tuple[Network, Node]) -> Node:
    """The node, running whatever the test before did to it."""
    network, node = started
    if not node.running:
        network.launch(node)
        network.wait_ready(node)
    return node


@pytest.fixture
def console(node: Node) -> Iterator[Console]:
    made = Console(node)
    yield made
    made.close()


def wire(node: Node, path: str) -> httpx.Response:
    return httpx.get(f"https://127.0.0.1:{node.wire_port}{path}", verify=False, timeout=30)


@pytest.mark.parametrize(
    "path", ["/account/login/", "/queue/", "/healthz", "/static/desk/desk.css"]
)
def test_the_desk_is_not_on_the_wire(node: Node, path: str) -> None:
    assert httpx.get(node.desk_url + path, timeout=30).status_code in {200, 302}
    answer = wire(node, path)
    assert answer.status_code == 422
    assert "wire.no_such_address" in answer.text


@pytest.mark.parametrize("path", ["/ledger/checkpoint", "/v1/outbox", "/witness/add-checkpoint"])
def test_the_wire_is_not_on_the_desk(node: Node, path: str) -> None:
    answer = httpx.get(node.desk_url + path, timeout=30)
    # Who is not signed in is told no more than that.
    assert answer.status_code == 404 or answer.headers["Location"].startswith("/account/login/")
    assert "wire.no_such_address" not in wire(node, path).text


def test_the_wire_speaks_only_tls_1_3(node: Node) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{node.wire_port}/ledger/checkpoint", timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", node.wire_port), timeout=30) as connection,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(connection)


def test_a_second_process_on_the_folder_is_refused(node: Node) -> None:
    done = comity_node("run", "--config", node.config)
    assert done.returncode == 5
    assert "[node.running]" in done.stderr
    assert "Traceback" not in done.stderr
    assert node.running


def test_it_ends_cleanly_when_asked_to(node: Node) -> None:
    assert node.process is not None
    before = node.log.stat().st_size
    node.process.terminate()
    assert node.process.wait(PATIENCE_SECONDS) == 0
    said = node.log.read_bytes()[before:].decode()
    assert "stopped" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("which", ["desk", "wire"])
def test_a_taken_port_is_named(started: tuple[Network, Node], which: str) -> None:
    network, node = started
    network.stop()
    port = getattr(node, f"{which}_port")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        done = comity_node("run", "--config", node.config)
    assert done.returncode == 4
    assert f"127.0.0.1:{port}: cannot be listened on: is in use [node.address]" in done.stderr
    assert "Traceback" not in done.stderr


def draft(console: Console) -> str:
    return console.call(
        "amara",
        "assistance.create_request",
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=["computer_fraud"],
        title="At once",
    )["id"]


def test_what_was_answered_survives_a_power_cut(
    started: tuple[Network, Node], node: Node, console: Console
) -> None:
    network, _ = started
    request = draft(console)
    network.kill(node)
    console.kill()
    network.launch(node)
    network.wait_ready(node)
    page = console.call("amara", "queries.request_page", request_id=request)
    assert page["title"] == "At once"


def at_once(node: Node, act: Callable[[Console, int], object]) -> Counter[str]:
    """Do `act` from several processes at the same time; count what came of it."""
    consoles = [Console(node) for _ in range(AT_ONCE)]
    try:
        for console in consoles:
            console.call("amara", "queries.queue", view="mine")  # started and ready

        def one(number: int) -> str:
            try:
                act(consoles[number], number)
            except ComityError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return Counter(pool.map(one, range(AT_ONCE)))
    finally:
        for console in consoles:
            console.close()


def test_one_tab_wins_and_the_others_are_told(node: Node, console: Console) -> None:
    request = draft(console)
    outcome = at_once(
        node,
        lambda tab, number: tab.call(
            "amara",
            "assistance.save_fields",
            request_id=request,
            version=1,
            fields={"facts_summary": f"As tab {number} has it"},
        ),
    )
    assert outcome == {"done": 1, "request.version": AT_ONCE - 1}
    assert console.call("amara", "queries.request_page", request_id=request)["version"] == 2


def test_one_officer_approves_once_however_fast(node: Node, console: Console) -> None:
    request = draft(console)
    console.call(
        "amara",
        "assistance.save_fields",
        request_id=request,
        version=1,
        fields=PRESERVATION_FIELDS,
    )
    console.call("amara", "assistance.submit_request", request_id=request)
    page = console.call("bram", "queries.request_page", request_id=request)
    outcome = at_once(
        node,
        lambda tab, _: tab.call(
            "bram", "assistance.approve_request", request_id=request, digest=page["digest"]
        ),
    )
    assert outcome.pop("done") == 1
    assert sum(outcome.values()) == AT_ONCE - 1
    page = console.call("ines", "queries.request_page", request_id=request)
    assert [one["officer_login"] for one in page["approvals"]] == ["bram"]
    given = [one for one in page["timeline"] if one["event"] == "approval.given"]
    assert len(given) == 1


def test_two_officers_at_once_get_two_numbers(node: Node, console: Console) -> None:
    references: list[str] = []
    outcome = at_once(node, lambda tab, _: references.append(draft(tab)))
    assert outcome == {"done": AT_ONCE}
    pages = [console.call("amara", "queries.request_page", request_id=one) for one in references]
    assert len({page["reference"] for page in pages}) == AT_ONCE


def test_check_says_what_is_wrong_and_exits_with_5(node: Node) -> None:
    done = comity_node("check", "--json", "--config", node.config)
    items = {one["id"]: one for one in json.loads(done.stdout)}
    assert done.returncode == (5 if any(i["status"] == "problem" for i in items.values()) else 0)
    keys = node.folder / "keys"
    hidden = keys.rename(keys.with_name("keys-elsewhere"))
    try:
        done = comity_node("check", "--config", node.config)
    finally:
        hidden.rename(keys)
    assert done.returncode in {3, 5}
    assert "Traceback" not in done.stderr


def test_a_backup_can_be_restored(node: Node, console: Console, tmp_path: Path) -> None:
    request = draft(console)
    escrow = EncryptionIdentity.generate()
    out = tmp_path / "node.backup"
    done = comity_node("backup", out, "--recipient", escrow.recipient, "--config", node.config)
    assert done.returncode == 0, done.stderr
    assert comity_node(
        "backup", out, "--recipient", escrow.recipient, "--config", node.config
    ).returncode == 5  # fmt: skip
    assert b"At once" not in out.read_bytes()
    restored = tmp_path / "restored"
    with out.open("rb") as sealed, (tmp_path / "plain.tar").open("wb") as plain:
        unseal(sealed, plain, identities=[escrow])
    with tarfile.open(tmp_path / "plain.tar") as archive:
        archive.extractall(restored, filter="data")
    assert not (restored / "root-keys").exists()
    other = Console(Node(node.plan, restored, node.desk_port, node.wire_port))
    try:
        page = other.call("amara", "queries.request_page", request_id=request)
    finally:
        other.close()
    assert page["title"] == "At once"
