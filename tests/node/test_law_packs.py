# SPDX-License-Identifier: Apache-2.0
"""The node's law: adopted whole or not at all, kept by digest, and refused aloud."""

from __future__ import annotations

import logging
import resource
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from comity.authorities.directory import sign_directory
from comity.authorities.key_statement import Revocation
from comity.canonical import json
from comity.canonical.ids import parse_authority_id
from comity.errors import ComityError, Invalid, Refused, Unavailable, Unverified
from comity.law.load import PartFiles, read_directory
from comity.law.overlay import CORRECTION, OWN_LAW, sign_part
from comity.node import queries
from comity.node.keyring import read_keyring
from comity.node.operator.ceremony import renew
from comity.node.permissions import Role
from comity.node.queries.health import node_health
from comity.node.services import assistance, law, law_packs, pinning
from comity.node.store.models import AssessmentRow, AuditRow, LedgerEntryRow, RequestRow
from support.law_packs import overlay
from support.nodeworld import LAW, MADE

BUDAPEST = 'for_instrument = "coe_185"\n'
SURE = 'confidence = "verified"\nsource = ["demo_fiction"]\n'

MEASURE = (
    '[[measure]]\nid = "{name}"\nlabel = "x"\ngroup = "production"\nparent = "{parent}"\n'
    "coercive = false\n"
)

#: Name -> text of a file that spoils the overlay, and the fault that must be named.
MUTATIONS = {
    "missing source": (
        f'{BUDAPEST}[[party]]\nstate = "XL"\nstatus = "party"\nconfidence = "verified"\n',
        "law.missing_source",
    ),
    "unknown state": (
        f'{BUDAPEST}[[party]]\nstate = "XQ"\nstatus = "party"\n{SURE}',
        "law.unknown_state",
    ),
    "overlapping periods": (
        f'{BUDAPEST}[[party]]\nstate = "XM"\nstatus = "party"\nin_force = "2017-01-01"\n{SURE}',
        "law.overlapping_periods",
    ),
    "circular parent": (
        f"{MEASURE.format(name='one', parent='two')}{MEASURE.format(name='two', parent='one')}",
        "law.circular_parent",
    ),
    "article without instrument": (
        '[[provision]]\nid = "x"\nmeasure = "jit"\narticle = "1"\n',
        "law.article_without_instrument",
    ),
    "date in words": (
        f'{BUDAPEST}[[party]]\nstate = "XL"\nstatus = "party"\nin_force = "spring 2015"\n{SURE}',
        "law.date_in_words",
    ),
    "duplicate id": (
        '[[source]]\nid = "demo_fiction"\ntitle = "x"\nkind = "fiction"\nurl = ""\nseen = "x"\n',
        "law.duplicate_id",
    ),
    "a string of ten megabytes": (f'note = "{"x" * 10_000_000}"\n', "law.file_too_large"),
}
#: The second of two records is the one that is named; files are read in the order of their names.
FILE_NAMED = {"duplicate id": "states.toml"}
WITHDRAWN = (
    f'{BUDAPEST}[[party]]\nreplaces = "coe_185/party/XM"\nreason = "the deposit was withdrawn"\n'
    f'state = "XM"\nstatus = "party"\nin_force = "2016-06-01"\nuntil = "2020-01-01"\n{SURE}'
)


@pytest.fixture
def law_folder(settings, tmp_path: Path) -> Path:
    """A copy of the demonstration's overlay, which the settings name from now on."""
    folder = tmp_path / "law"
    shutil.copytree(LAW, folder)
    settings.CONFIG = replace(settings.CONFIG, law=(folder,))
    return folder


def offer_signed(settings, tmp_path: Path, data: bytes) -> Path:
    """Put a signed law file above the demonstration's law in the settings."""
    path = tmp_path / "signed.json"
    path.write_bytes(data)
    settings.CONFIG = replace(settings.CONFIG, law=(LAW, path))
    return path


def health_of_law(node):
    (item,) = [item for item in node_health(node.now()) if item.title == "Law packs"]
    return item


def adoptions() -> int:
    return AuditRow.objects.filter(event="law.pack_adopted").count()


# --- refused, and the old one kept ------------------------------------------------------------


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_pack_with_a_fault_is_refused_and_the_old_one_stays(node, law_folder, caplog, name):
    text, code = MUTATIONS[name]
    old = law.pack()
    (law_folder / "spoilt.toml").write_text(text)
    before = (adoptions(), LedgerEntryRow.objects.count(), law_packs.store().digests())
    with pytest.raises(Invalid) as caught:
        law_packs.adopt(by=None, now=node.now())
    assert caught.value.code == "law.pack_invalid"
    assert f"law/{FILE_NAMED.get(name, 'spoilt.toml')}" in str(caught.value.details["problems"])
    assert code in str(caught.value.details["problems"])
    with caplog.at_level(logging.ERROR, logger="comity.law"):
        kept = law_packs.adopt_at_start(now=node.now())
    assert kept.digest == old.digest == law.pack().digest
    assert "is refused" in caplog.text
    assert f"law/{FILE_NAMED.get(name, 'spoilt.toml')}" in caplog.text
    assert code in caplog.text
    assert (adoptions(), LedgerEntryRow.objects.count(), law_packs.store().digests()) == before
    item = health_of_law(node)
    assert item.status == "problem"
    assert old.digest[:12] in item.detail
    assert f"law/{FILE_NAMED.get(name, 'spoilt.toml')}" in item.detail
    assert item.hint


def test_the_fault_mended_the_pack_is_adopted(node, law_folder):
    spoilt = law_folder / "spoilt.toml"
    spoilt.write_text(MUTATIONS["date in words"][0])
    assert law_packs.offer(now=node.now()).refused
    spoilt.write_text(MUTATIONS["date in words"][0].replace("spring 2015", "2015-03"))
    assert health_of_law(node).status == "warning"
    made = law_packs.adopt(by=None, now=node.now())
    assert law.pack().digest == made.digest
    assert health_of_law(node).status == "ok"


@pytest.mark.django_db
def test_without_an_older_pack_the_error_is_the_packs_own(law_folder, clock):
    (law_folder / "spoilt.toml").write_text(MUTATIONS["unknown state"][0])
    with pytest.raises(Invalid) as caught:
        law_packs.adopt_at_start(now=clock.now())
    assert caught.value.code == "law.pack_invalid"
    assert caught.value.exit_code == 3
    with pytest.raises(Refused) as caught:
        law.pack()
    assert caught.value.code == "law.none_adopted"


def test_a_folder_that_is_gone_is_no_empty_law(node, law_folder, caplog):
    old = law.pack().digest
    shutil.rmtree(law_folder)
    with caplog.at_level(logging.ERROR, logger="comity.law"):
        assert law_packs.adopt_at_start(now=node.now()).digest == old
    assert str(law_folder) in caplog.text
    item = health_of_law(node)
    assert (item.status, str(law_folder) in item.detail) == ("problem", True)


def test_law_that_the_requests_rest_on_cannot_go(node, settings, officer):
    drafter = officer("amara", "drafter")
    request = assistance.create_request(
        officer=drafter,
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=("computer_fraud",),
        title="A mailbox",
    )
    settings.CONFIG = replace(settings.CONFIG, law=())
    with pytest.raises(Invalid) as caught:
        law_packs.adopt(by=None, now=node.now())
    assert caught.value.code == "law.pack_unfit"
    named = str(caught.value.details["problems"])
    assert "'XV'" in named
    assert "'XM'" in named
    assert request.content.reference in named
    assert queries.request_page(officer=drafter, request_id=request.id, now=node.now())


# --- adopted ----------------------------------------------------------------------------------


def test_an_adoption_is_one_event_with_its_officer(node, law_folder, officer):
    (law_folder / "more.toml").write_text(WITHDRAWN)
    boss = officer("otto", "operator")
    old = law.pack().digest
    entries = LedgerEntryRow.objects.count()
    made = law_packs.adopt(by=boss, now=node.now())
    row = AuditRow.objects.filter(event="law.pack_adopted").latest("pk")
    assert str(row.officer_id) == boss.id
    assert LedgerEntryRow.objects.count() == entries + 1
    body = json.read_object(bytes(row.payload))
    assert (body["pack"], body["previous"]) == (made.digest, old)
    assert law_packs.adopt(by=boss, now=node.now()) == made, "again is no second adoption"
    assert LedgerEntryRow.objects.count() == entries + 1
    assert [pack.digest for pack in law_packs.adopted()] == [made.digest, old]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_only_an_operator_adopts(node, officer, role):
    with pytest.raises(Refused) as caught:
        law_packs.adopt(by=officer("someone", role.value), now=node.now())
    assert caught.value.code == "permission.denied"


def test_a_full_disk_changes_nothing(node, law_folder):
    (law_folder / "more.toml").write_text(WITHDRAWN + "# a pack that no other test keeps\n")
    old, before = law.pack().digest, (adoptions(), set(law_packs.store()._directory.iterdir()))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(Unavailable) as caught:
            law_packs.adopt(by=None, now=node.now())
        assert law_packs.adopt_at_start(now=node.now()).digest == old
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "law.store_unwritable"
    assert (adoptions(), set(law_packs.store()._directory.iterdir())) == before
    assert law_packs.adopt(by=None, now=node.now()).digest != old


# --- the law of the day -----------------------------------------------------------------------


def test_an_old_request_is_explained_with_the_pack_of_its_day(node, law_folder, officer):
    drafter = officer("amara", "drafter")
    request = assistance.create_request(
        officer=drafter,
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=("computer_fraud",),
        title="A mailbox",
    )
    stored = AssessmentRow.objects.get(request=request.id)
    before = queries.assessment(officer=drafter, request_id=request.id)
    assert before.current
    (law_folder / "more.toml").write_text(WITHDRAWN)
    law_packs.adopt(by=None, now=node.now())
    law.kept_pack.cache_clear()  # as in another process, years later
    page = queries.assessment(officer=drafter, request_id=request.id)
    assert not page.current
    assert page.assessment == before.assessment
    assert page.assessment.pack_digest == stored.pack_digest != law.pack().digest
    assert page.assessment.bases[0].title == "Budapest Convention"
    content = RequestRow.objects.get(pk=request.id)
    assert content.instrument == "coe_185"
    fresh = law.assess_content(request.content, as_of=stored.as_of)
    assert "coe_185" not in [basis.instrument for basis in fresh.usable], "the new law differs"


def test_an_old_answer_outlives_its_packs_file(node, law_folder, officer, caplog):
    drafter = officer("amara", "drafter")
    request = assistance.create_request(
        officer=drafter,
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=("computer_fraud",),
        title="A mailbox",
    )
    digest = law.pack().digest
    (law_folder / "more.toml").write_text(WITHDRAWN)
    law_packs.adopt(by=None, now=node.now())
    with altered(digest):
        page = queries.assessment(officer=drafter, request_id=request.id)
        assert page.assessment.pack_digest == digest
        assert page.assessment.bases[0].instrument == "coe_185"
        assert "law.pack" in caplog.text or "another digest" in caplog.text
        item = health_of_law(node)
        assert item.status == "problem"
        assert digest in item.detail


# --- a file altered by hand -------------------------------------------------------------------


class altered:  # noqa: N801 - a context manager reads as a word
    """A kept pack whose file somebody has written to."""

    def __init__(self, digest: str) -> None:
        self.path = law_packs.store()._path(digest)

    def __enter__(self) -> None:
        self.before = self.path.read_bytes()
        self.path.write_bytes(self.before.replace(b"2001", b"2002"))
        law.kept_pack.cache_clear()

    def __exit__(self, *_: object) -> None:
        self.path.write_bytes(self.before)
        law.kept_pack.cache_clear()


def test_an_altered_pack_in_use_is_refused_everywhere(node, law_folder):
    (law_folder / "spoilt.toml").write_text(MUTATIONS["unknown state"][0])
    with altered(law.pack().digest):
        for use in (law.pack, lambda: law_packs.adopt_at_start(now=node.now())):
            with pytest.raises(Unverified) as caught:
                use()
            assert caught.value.code == "law.pack_altered"
        assert health_of_law(node).status == "problem"


def test_an_altered_pack_is_written_anew_from_the_settings(node, caplog):
    digest = law.pack().digest
    with altered(digest):
        assert law_packs.adopt_at_start(now=node.now()).digest == digest
        assert "written anew" in caplog.text
        assert law.pack().digest == digest
        assert adoptions() == 1


def test_a_lost_pack_in_use_is_said(node, law_folder):
    (law_folder / "spoilt.toml").write_text(MUTATIONS["unknown state"][0])
    digest = law.pack().digest
    with altered(digest):
        law_packs.store()._path(digest).unlink()
        with pytest.raises(Invalid) as caught:
            law_packs.adopt_at_start(now=node.now())
    assert caught.value.code == "law.pack_not_kept"


# --- signed overlays --------------------------------------------------------------------------

MERIDIA = parse_authority_id("xm.moj")


def own_law(node, **more: str) -> PartFiles:
    text = 'state = "XM"\n[[practice]]\ntopic = "languages"\ntext = "English"\nlanguages = ["en"]\n'
    return overlay(meridia=text + SURE, **more)


def signed(world, part: PartFiles, *, kind=OWN_LAW, publisher=MERIDIA, at=None) -> bytes:
    issued = at or MADE + timedelta(days=1)
    key = world.keys("xm.moj").seal(MADE + timedelta(days=1))
    return sign_part(part, kind=kind, publisher=publisher, issued=issued, key=key)


def test_a_state_speaks_of_itself_under_its_seal(node, world, settings, tmp_path):
    offer_signed(settings, tmp_path, signed(world, own_law(node)))
    made = law_packs.adopt(by=None, now=node.now())
    assert [part.signed_by for part in made.parts] == ["", "", "xm.moj"]
    assert [part.signed_by for part in law.pack().parts] == ["", "", "xm.moj"]
    law.kept_pack.cache_clear()
    assert law.pack().digest == made.digest, "the signer is kept with the pack"


def refused(node) -> ComityError:
    offer = law_packs.offer(now=node.now())
    assert offer.refused
    with pytest.raises(ComityError) as caught:
        law_packs.adopt(by=None, now=node.now())
    assert adoptions() == 1
    assert health_of_law(node).status == "problem"
    return caught.value


def test_a_changed_byte_is_no_signature(node, world, settings, tmp_path):
    data = signed(world, own_law(node))
    at = data.index(b'"sig":"') + 20
    changed = data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]
    offer_signed(settings, tmp_path, changed)
    assert refused(node).code == "envelope.signature_invalid"


def test_a_seal_that_no_statement_names(node, world, settings, tmp_path):
    data = signed(world, own_law(node), publisher=parse_authority_id("xl.records"))
    offer_signed(settings, tmp_path, data)
    assert refused(node).code == "law.unknown_signer"


def test_an_authority_that_is_no_peer(node, world, settings, tmp_path):
    data = signed(world, own_law(node), publisher=parse_authority_id("xq.moj"))
    offer_signed(settings, tmp_path, data)
    assert refused(node).code == "peer.unknown"


def test_law_about_another_state_under_ones_own(node, world, settings, tmp_path):
    text = (
        f'state = "XV"\n[[practice]]\ntopic = "languages"\ntext = "x"\nlanguages = ["en"]\n{SURE}'
    )
    offer_signed(settings, tmp_path, signed(world, overlay(valdoria=text)))
    error = refused(node)
    assert "law.not_own_law" in str(error.details["problems"])


def test_a_signed_correction_names_itself(node, world, settings, tmp_path):
    offer_signed(settings, tmp_path, signed(world, overlay(more=WITHDRAWN), kind=CORRECTION))
    assert law_packs.adopt(by=None, now=node.now()).parts[-1].signed_by == "xm.moj"


def test_law_from_the_future(node, world, settings, tmp_path):
    later = node.now() + timedelta(days=1)
    offer_signed(settings, tmp_path, signed(world, own_law(node), at=later))
    assert refused(node).code == "law.not_yet_issued"


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 5000])
def test_a_file_that_is_no_signed_law(node, settings, tmp_path, data):
    offer_signed(settings, tmp_path, data)
    assert refused(node).family == "invalid"


def test_a_revoked_seal_signs_nothing_new(node, world, settings, tmp_path):
    """Even with an older date on it: whoever stole the seal can write any date."""
    data = signed(world, own_law(node))
    home = tmp_path / "meridia"
    shutil.copytree(world.configs["xm.moj"].folder, home)
    config = replace(world.configs["xm.moj"], folder=home, keys=home / "keys")
    old = read_keyring(config.keys)
    stolen = Revocation(old.seal(node.now()).public.key_id, node.now(), "stolen")
    renew(
        config,
        root_folder=home / "root-keys",
        now=node.now(),
        rotate=("seal",),
        revoke=(stolen,),
    )
    rings = [read_keyring(config.keys), world.keys("xv.moj"), world.keys("xl.records")]
    directory = sign_directory(
        version=2,
        issued=node.now(),
        expires=node.now() + timedelta(days=30),
        entries=[(ring.root, ring.statement.raw) for ring in rings],
        hub=world.hub,
    )
    pinning.pin_directory(by=None, data=directory, hub=world.hub.public, now=node.now())
    offer_signed(settings, tmp_path, data)
    assert refused(node).code in {"law.signer_revoked", "key.revoked"}


def test_the_built_in_law_reads_the_same_from_the_store(node):
    kept = law_packs.store().open(law.pack().digest)
    assert kept == law.pack()
    assert read_directory(LAW).digest in {part.digest for part in kept.parts}
