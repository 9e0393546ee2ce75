# SPDX-License-Identifier: Apache-2.0
"""The register: only the pinned hub, never backwards, a new root only after a telephone call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.authorities.directory import sign_directory
from comity.authorities.key_statement import sign_key_statement
from comity.canonical.ids import AuthorityId
from comity.crypto.keys import SealPrivateKey, read_seal
from comity.errors import Conflict, Invalid, Refused, Unavailable, Unverified
from comity.node.config import make_config
from comity.node.keyring import read_keyring
from comity.node.operator.ceremony import make_authority, renew
from comity.node.services import pinning, register
from comity.node.store.models import AuditRow, DirectoryRow, KeyStatementRow, PeerRow
from comity.node.worker.lines import Visits, on_lines
from support.nodeworld import MADE
from support.peer_node import Peer


def pin(node, world, data, hub=None):
    return pinning.pin_directory(by=None, data=data, hub=hub or world.hub.public, now=node.now())


def directory(world, node, rings, *, version=2):
    return sign_directory(
        version=version,
        issued=node.now(),
        expires=node.now() + timedelta(days=30),
        entries=[(ring.root, ring.statement.raw) for ring in rings],
        hub=world.hub,
    )


def rings(world):
    return {name: world.keys(name) for name in world.configs}


def test_peers_come_from_the_directory(node, world):
    assert set(PeerRow.objects.values_list("authority", flat=True)) == {"xm.moj", "xl.records"}
    assert register.statement_of("xm.moj").raw == world.keys("xm.moj").statement.raw
    assert AuditRow.objects.filter(event="peer.added").count() == 2
    assert register.directory_head().version == 1


def test_the_same_directory_again_changes_nothing(node, world):
    before = KeyStatementRow.objects.count()
    done = pin(node, world, bytes(DirectoryRow.objects.get().raw))
    assert (done.added, done.renewed) == ((), ())
    assert KeyStatementRow.objects.count() == before
    assert DirectoryRow.objects.count() == 1


def test_another_hub_is_refused(node, world):
    hub = SealPrivateKey.generate()
    data = sign_directory(
        version=9,
        issued=node.now(),
        expires=node.now() + timedelta(days=1),
        entries=[],
        hub=hub,
    )
    with pytest.raises(Refused) as refused:
        pin(node, world, data, hub.public)
    assert refused.value.code == "directory.other_hub"


def test_an_older_directory_is_refused(node, world):
    pin(node, world, directory(world, node, rings(world).values(), version=3))
    with pytest.raises(Unverified) as unverified:
        pin(node, world, directory(world, node, rings(world).values(), version=2))
    assert unverified.value.code == "directory.rolled_back"
    assert register.directory_head().version == 3


def test_two_views_of_one_version_are_a_conflict(node, world):
    pin(node, world, directory(world, node, rings(world).values()))
    node.advance(hours=1)
    with pytest.raises(Conflict) as conflict:
        pin(node, world, directory(world, node, rings(world).values()))
    assert conflict.value.code == "directory.two_views"


def test_a_directory_with_other_keys_of_ours_is_refused(node, world, tmp_path):
    config = make_config(
        tmp_path,
        {"authority": "xv.moj", "name": "False", "state": "XV", "roles": ["central"]},
        {},
        what="test",
    )
    make_authority(config, now=MADE)
    known = rings(world) | {"xv.moj": read_keyring(config.keys)}
    with pytest.raises(Conflict) as conflict:
        pin(node, world, directory(world, node, known.values()))
    assert conflict.value.code == "directory.shows_other_keys"
    assert register.directory_head().version == 1


@pytest.fixture
def impostor(world, tmp_path):
    """Keys of Meridia under another root."""
    config = make_config(
        tmp_path,
        {"authority": "xm.moj", "name": "Meridia", "state": "XM", "roles": ["central"]},
        {},
        what="test",
    )
    make_authority(config, now=MADE, days=3650)
    return read_keyring(config.keys)


def test_another_root_puts_a_peer_into_quarantine(node, world, impostor):
    known = rings(world) | {"xm.moj": impostor}
    done = pin(node, world, directory(world, node, known.values()))
    assert done.quarantined == ("xm.moj",)
    with pytest.raises(Unverified) as unverified:
        register.statement_of("xm.moj")
    assert unverified.value.code == "peer.quarantined"
    with pytest.raises(Refused) as refused:
        pinning.release_peer(by=None, authority="xm.moj", root_key_id="0" * 64, now=node.now())
    assert refused.value.code == "peer.root_differs"
    pinning.release_peer(
        by=None, authority="xm.moj", root_key_id=impostor.root.key_id, now=node.now()
    )
    assert register.statement_of("xm.moj").raw == impostor.statement.raw


def test_a_peers_next_statement_is_taken_and_the_old_one_kept(node, world, tmp_path):
    config = make_config(
        tmp_path,
        {"authority": "xn.moj", "name": "Norland", "state": "XN", "roles": ["central"]},
        {},
        what="test",
    )
    made = make_authority(config, now=MADE, days=3650)
    first = read_keyring(config.keys)
    pin(node, world, directory(world, node, [*rings(world).values(), first]))
    renew(config, root_folder=made.root_folder, now=node.now(), days=3650, rotate=["seal"])
    second = read_keyring(config.keys)
    data = directory(world, node, [*rings(world).values(), second], version=3)
    done = pin(node, world, data)
    assert done.renewed == ("xn.moj",)
    assert [one.serial for one in register.statements_of("xn.moj")] == [1, 2]
    old = first.statement.seals[0].key_id
    at = register.statement_at("xn.moj", key_id=old, instant=node.now() - timedelta(days=5))
    assert at.seal_at(node.now() - timedelta(days=5), key_id=old)
    data = directory(world, node, [*rings(world).values(), first], version=4)
    assert pin(node, world, data).quarantined == ("xn.moj",)  # and nobody else is held up
    assert register.statement_of("xm.moj")
    root = first.root.key_id
    with pytest.raises(Unverified):
        pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    pin(node, world, directory(world, node, [*rings(world).values(), second], version=5))
    pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    assert register.statement_of("xn.moj").serial == 2


def test_an_authority_that_signs_two_statements_of_one_serial_holds_up_nobody(
    node, world, tmp_path
):
    raw = {"authority": "xn.moj", "name": "Norland", "state": "XN", "roles": ["central"]}
    config = make_config(tmp_path, raw, {}, what="test")
    made = make_authority(config, now=MADE, days=3650)
    first = read_keyring(config.keys)
    pin(node, world, directory(world, node, [*rings(world).values(), first]))
    root = read_seal(made.root_folder, name="root")
    two = replace(first.statement, expires=node.now() + timedelta(days=9), raw=b"")
    other = replace(two, raw=sign_key_statement(two, root=root))
    entries = [*rings(world).values(), replace(first, statements=(other,))]
    done = pin(node, world, directory(world, node, entries, version=3))
    assert done.quarantined == ("xn.moj",)
    assert register.statement_of("xm.moj")
    assert "two statements" in PeerRow.objects.get(authority="xn.moj").last_problem


@pytest.fixture
def norland(node, world, tmp_path):
    """A fourth authority at its first statement, pinned; return how it goes on and its rings."""
    config = make_config(
        tmp_path,
        {"authority": "xn.moj", "name": "Norland", "state": "XN", "roles": ["central"]},
        {},
        what="test",
    )
    made = make_authority(config, now=MADE, days=3650)
    found = [read_keyring(config.keys)]
    pin(node, world, directory(world, node, [*rings(world).values(), found[0]]))

    def go_on():
        renew(config, root_folder=made.root_folder, now=node.now(), days=3650, rotate=["seal"])
        found.append(read_keyring(config.keys))
        return found[-1]

    return go_on, found


def test_a_gap_in_the_succession_is_quarantine_until_it_is_filled(node, world, norland):
    go_on, found = norland
    go_on(), go_on()
    newer = directory(world, node, [*rings(world).values(), found[2]], version=3)
    done = pin(node, world, newer)
    assert (done.renewed, done.quarantined) == ((), ("xn.moj",))
    assert PeerRow.objects.get(authority="xn.moj").serial == 1
    assert register.statement_of("xm.moj")  # nobody else is held up
    root = found[0].root.key_id
    with pytest.raises(Unverified) as unverified:
        pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    assert unverified.value.code == "key_statement.serial"
    between = [world.keys("xm.moj").statement.raw, found[1].statement.raw]
    done = pinning.pin_directory(
        by=None, data=newer, hub=world.hub.public, now=node.now(), statements=between
    )
    assert done.renewed == ("xn.moj",)
    pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    assert [one.serial for one in register.statements_of("xn.moj")] == [1, 2, 3]


def test_missed_statements_can_come_with_the_directory(node, world, norland):
    go_on, found = norland
    go_on(), go_on(), go_on()
    newer = directory(world, node, [*rings(world).values(), found[3]], version=3)
    between = [found[2].statement.raw, found[1].statement.raw, found[0].statement.raw]
    done = pinning.pin_directory(
        by=None, data=newer, hub=world.hub.public, now=node.now(), statements=between
    )
    assert (done.renewed, done.quarantined) == (("xn.moj",), ())
    assert [one.serial for one in register.statements_of("xn.moj")] == [1, 2, 3, 4]


def test_who_is_listed_no_more_is_in_quarantine(node, world, norland):
    _, found = norland
    done = pin(node, world, directory(world, node, rings(world).values(), version=3))
    assert done.quarantined == ("xn.moj",)
    with pytest.raises(Unverified) as unverified:
        register.statement_of("xn.moj")
    assert unverified.value.code == "peer.quarantined"
    root = found[0].root.key_id
    with pytest.raises(Unverified) as unverified:
        pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    assert unverified.value.code == "directory.unknown_authority"
    listed = directory(world, node, [*rings(world).values(), found[0]], version=4)
    assert pin(node, world, listed).quarantined == ()
    pinning.release_peer(by=None, authority="xn.moj", root_key_id=root, now=node.now())
    assert register.statement_of("xn.moj").serial == 1


def test_nothing_is_exchanged_under_a_directory_long_expired(node, world):
    pin(node, world, directory(world, node, rings(world).values()))
    peer = Peer(world, AuthorityId("xm.moj"), node)
    node.advance(days=30 + 13)
    register.require_directory(node.now())
    assert peer.call("GET", "/v1/hello").status_code == 200
    node.advance(days=1)
    with pytest.raises(Unavailable) as unavailable:
        register.require_directory(node.now())
    assert unavailable.value.code == "directory.outdated"
    assert peer.call("GET", "/v1/hello").status_code == 503
    with peer.serve():
        assert on_lines(Visits(), ["xm.moj"], node.now(), lambda _line, _now: 1) == 0
    assert "directory.outdated" in PeerRow.objects.get(authority="xm.moj").last_problem
    assert peer.asked == []


def test_who_is_unknown_is_unverified(node):
    with pytest.raises(Unverified) as unverified:
        register.statement_of("xq.moj")
    assert unverified.value.code == "peer.unknown"


def test_only_an_operator_pins(node, world, officer):
    data = directory(world, node, rings(world).values())
    with pytest.raises(Refused) as refused:
        pinning.pin_directory(
            by=officer("amara", "drafter"), data=data, hub=world.hub.public, now=node.now()
        )
    assert refused.value.code == "permission.denied"


def test_releasing_whom_nobody_doubts_is_invalid(node):
    with pytest.raises(Invalid):
        pinning.release_peer(by=None, authority="xm.moj", root_key_id="0" * 64, now=node.now())
