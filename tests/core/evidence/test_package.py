# SPDX-License-Identifier: Apache-2.0
"""Assembling, sealing, accepting: and what not even the sender's own seal can hide."""

import io
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from comity.authorities.key_statement import Revocation, SealPeriod
from comity.authorities.trust import WitnessRule
from comity.canonical.ids import AuthorityId
from comity.crypto import envelope, minisign
from comity.errors import Conflict, Invalid, Unavailable, Unverified
from comity.evidence import bag, layout
from comity.evidence.acquisition import sign_acquisition
from comity.evidence.package import (
    SEAL_PAYLOAD_TYPE,
    EvidenceFile,
    assemble,
    minisign_comment,
    tag_files,
    tag_manifests,
)
from comity.evidence.reading import EVIDENCE_ALGORITHMS, Reader, list_files
from comity.evidence.report import Status
from comity.evidence.verify import verify_package
from support import packages
from support.authorities import make_seal, make_trust, sign_again
from support.packages import PACKAGE, RECIPIENT, SENDER, START, WITNESS

FILES = {"EX-1": {"disk.raw": b"disk" * 300}, "EX-2": {"phone.zip": b"phone" * 99, "a.txt": b"a"}}
SENDER_KEYS = packages.authority(SENDER)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory) -> Path:
    return packages.make_package(tmp_path_factory.mktemp("accepted") / "package", FILES)


@pytest.fixture
def root(accepted, tmp_path) -> Path:
    return Path(shutil.copytree(accepted, tmp_path / "package"))


@pytest.fixture
def spec():
    return packages.make_spec(FILES)


def build(spec, target, **changes):
    return assemble(
        replace(spec, **changes),
        target=target,
        seal=SENDER_KEYS.seal,
        minisign_key=SENDER_KEYS.minisign,
    )


def reseal(root):
    """Make manifests and seal anew, as the sender could after changing the payload."""
    digests, listing = {}, list_files(root).files
    with Reader(root) as reader:
        for path, size in listing.items():
            if path.startswith("data/"):
                digests[path] = reader.read(path, size, EVIDENCE_ALGORITHMS, keep=False).digests
        payload = [size for path, size in listing.items() if path.startswith("data/")]
        info = bag.read_info((root / layout.BAG_INFO).read_bytes())
        info = replace(info, payload_bytes=sum(payload), payload_files=len(payload))
        for path, data in tag_files(info, digests).items():
            (root / path).write_bytes(data)
        for path in layout.TAG_FILES:
            size = (root / path).stat().st_size
            digests[path] = reader.read(path, size, EVIDENCE_ALGORITHMS, keep=False).digests
    made = tag_manifests(digests)
    for path, data in made.items():
        (root / path).write_bytes(data)
    tag_manifest = made[layout.TAG_MANIFEST_SHA256]
    sealed = envelope.sign(
        payload_type=SEAL_PAYLOAD_TYPE, payload=tag_manifest, key=SENDER_KEYS.seal
    )
    (root / layout.SEAL).write_bytes(sealed)
    (root / layout.MINISIG).write_bytes(
        minisign.sign_file(
            io.BytesIO(tag_manifest),
            key=SENDER_KEYS.minisign,
            comment=minisign_comment(PACKAGE),
        )
    )
    shutil.rmtree(root / "acceptance", ignore_errors=True)


def failed(root, *, trust=None, now=None):
    """Return the titles of the failed steps, and all codes."""
    report = verify_package(root, trust=trust or packages.trust(), now=now)
    codes = {fault.code for step in report.failed for fault in step.faults}
    return [step.title for step in report.failed], codes


class TestAssembling:
    def test_a_package_holds_the_very_bytes(self, accepted):
        for number, files in FILES.items():
            for name, data in files.items():
                assert (accepted / "data/evidence" / number / name).read_bytes() == data

    def test_every_step_holds(self, accepted):
        report = verify_package(
            accepted,
            trust=packages.trust(
                accepted_by=RECIPIENT, proofs_from=(SENDER, RECIPIENT), package=PACKAGE
            ),
            now=START + timedelta(days=1),
            check_container=lambda _root, _exhibit: (),
        )
        assert report.ok
        assert {step.status for step in report.steps} == {Status.OK}
        assert (report.sender, report.recipient) == (SENDER, RECIPIENT)
        assert (report.package, report.accepted_by) == (PACKAGE, RECIPIENT)
        assert report.to_json()["verified"] is True

    def test_the_same_contents_give_the_same_payload(self, spec, tmp_path):
        for name in ("one", "two"):
            build(spec, tmp_path / name)
        for name in ("manifest-sha256.txt", "data/metadata/case.jsonld", "bag-info.txt"):
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()

    def test_nothing_is_written_over(self, spec, tmp_path):
        (tmp_path / "package").mkdir()
        with pytest.raises(Conflict) as caught:
            build(spec, tmp_path / "package")
        assert caught.value.code == "package.exists"

    def test_what_an_interrupted_try_left_is_replaced(self, spec, tmp_path):
        (tmp_path / ".package.partial").mkdir()
        (tmp_path / ".package.partial" / "data").write_bytes(b"half")
        build(spec, tmp_path / "package")
        assert failed(tmp_path / "package") == ([], set())

    def test_evidence_that_changed_since_its_acquisition_is_refused(self, spec, tmp_path):
        exhibit = spec.exhibits[0]
        changed = EvidenceFile(item="disk.raw", open=lambda: io.BytesIO(b"disk" * 299 + b"disc"))
        with pytest.raises(Unverified) as caught:
            build(
                spec,
                tmp_path / "package",
                exhibits=(replace(exhibit, files=(changed,)), *spec.exhibits[1:]),
            )
        assert caught.value.code == "package.item_differs"
        assert list(tmp_path.iterdir()) == []

    def test_files_that_no_custody_lists_are_refused(self, spec, tmp_path):
        exhibit = spec.exhibits[0]
        extra = EvidenceFile(item="extra", open=lambda: io.BytesIO(b"x"))
        with pytest.raises(Unverified) as caught:
            build(
                spec,
                tmp_path / "package",
                exhibits=(replace(exhibit, files=(*exhibit.files, extra)),),
            )
        assert caught.value.code == "custody.items_differ"

    @pytest.mark.parametrize("drop", [0, 1, 2])
    def test_a_chain_with_a_gap_is_refused(self, spec, tmp_path, drop):
        exhibit = spec.exhibits[0]
        custody = tuple(one for number, one in enumerate(exhibit.custody) if number != drop)
        with pytest.raises(Unverified) as caught:
            build(spec, tmp_path / "p", exhibits=(replace(exhibit, custody=custody),))
        assert caught.value.code.startswith("custody.")

    def test_a_package_for_somebody_else_than_the_receiver_is_refused(self, spec, tmp_path):
        with pytest.raises(Unverified) as caught:
            build(spec, tmp_path / "p", recipient=AuthorityId("xl.records"))
        assert caught.value.code == "custody.wrong_receiver"

    def test_an_acquisition_without_its_record_is_refused(self, spec, tmp_path):
        exhibit = replace(spec.exhibits[0], acquisition=None)
        with pytest.raises(Unverified) as caught:
            build(spec, tmp_path / "p", exhibits=(exhibit,))
        assert caught.value.code == "acquisition.missing"

    def test_a_record_that_contradicts_the_chain_is_refused(self, spec, tmp_path):
        record = replace(spec.exhibits[0].acquisition.record, place="Somewhere else")
        signed = sign_acquisition(record, key=SENDER_KEYS.seal)
        exhibit = replace(spec.exhibits[0], acquisition=signed)
        with pytest.raises(Unverified) as caught:
            build(spec, tmp_path / "p", exhibits=(exhibit,))
        assert caught.value.code == "acquisition.contradicts"
        assert "the place" in caught.value.message

    def test_exhibits_have_different_numbers(self, spec, tmp_path):
        for exhibits in ((), (spec.exhibits[0], spec.exhibits[0])):
            with pytest.raises(Invalid) as caught:
                build(spec, tmp_path / "p", exhibits=exhibits)
            assert caught.value.code == "package.exhibits"

    def test_text_that_cannot_stand_in_bag_info_is_refused(self, spec, tmp_path):
        for contact in ("", " x", "a\nb", "x" * 600):
            with pytest.raises(Invalid) as caught:
                build(spec, tmp_path / "p", contact=contact)
            assert caught.value.code == "bag.info"
            assert list(tmp_path.iterdir()) == []

    def test_a_full_disk_leaves_nothing(self, small_disk):
        spec = packages.make_spec({"EX-1": {"big.raw": bytes(2_000_000)}})
        with pytest.raises(Unavailable) as caught:
            build(spec, small_disk / "package")
        assert caught.value.code == "package.not_written"
        assert list(small_disk.iterdir()) == []

    def test_a_package_is_accepted_once(self, spec, root):
        with pytest.raises(Conflict) as caught:
            packages.accept(root, spec)
        assert caught.value.code == "package.accepted"


class TestWhatNotEvenTheSealHides:
    """The sender, who has the seal, changes the payload and seals it again."""

    def test_sealing_again_what_did_not_change_is_fine(self, root):
        reseal(root)
        assert failed(root) == ([], set())

    def test_without_the_senders_seal_it_is_noticed_at_once(self, root):
        seal, sig = (root / layout.SEAL).read_bytes(), (root / layout.MINISIG).read_bytes()
        (root / "data/evidence/EX-1/disk.raw").write_bytes(b"disc" * 300)
        reseal(root)
        (root / layout.SEAL).write_bytes(seal)
        (root / layout.MINISIG).write_bytes(sig)
        steps, codes = failed(root)
        assert steps == ["Seal"]
        assert codes == {"package.seal_differs", "minisign.signature_invalid"}

    def test_changed_evidence(self, root):
        (root / "data/evidence/EX-1/disk.raw").write_bytes(b"disc" * 300)
        reseal(root)
        steps, codes = failed(root)
        assert steps == ["Custody"]
        assert codes == {"custody.items_differ"}

    def test_added_and_removed_evidence(self, root):
        (root / "data/evidence/EX-1/extra.raw").write_bytes(b"x")
        reseal(root)
        assert failed(root)[1] == {"custody.items_differ"}
        (root / "data/evidence/EX-1/extra.raw").unlink()
        (root / "data/evidence/EX-2/a.txt").unlink()
        reseal(root)
        assert failed(root)[1] == {"package.missing"}

    def test_an_exhibit_without_custody(self, root):
        (root / "data/evidence/EX-9").mkdir()
        (root / "data/evidence/EX-9/x.raw").write_bytes(b"x")
        reseal(root)
        assert failed(root)[1] == {"custody.empty"}

    @pytest.mark.parametrize("number", ["0001-acquired", "0002-stored", "0003-transferred"])
    def test_a_removed_event(self, root, number):
        for end in ("json", "tlog-proof"):
            (root / f"data/custody/EX-1/{number}.{end}").unlink()
        reseal(root)
        steps, codes = failed(root)
        assert steps == ["Custody"]
        assert codes <= {"custody.gap", "custody.not_transferred", "custody.first"}

    def test_a_removed_proof(self, root):
        (root / "data/custody/EX-1/0002-stored.tlog-proof").unlink()
        reseal(root)
        assert failed(root) == (["Ledger"], {"package.missing"})

    def test_a_proof_without_statement(self, root):
        (root / "data/custody/EX-1/0002-stored.json").unlink()
        reseal(root)
        steps, codes = failed(root)
        assert steps == ["Ledger"]
        assert "package.unlisted" in codes

    def test_events_that_trade_names(self, root):
        folder = root / "data/custody/EX-1"
        for end in ("json", "tlog-proof"):
            (folder / f"0002-stored.{end}").rename(folder / f"0009-stored.{end}")
        reseal(root)
        assert failed(root) == (["Ledger"], {"package.misplaced"})

    def test_an_event_of_another_exhibit(self, root):
        for end in ("json", "tlog-proof"):
            name = f"0002-stored.{end}"
            shutil.copy(root / "data/custody/EX-2" / name, root / "data/custody/EX-1" / name)
        reseal(root)
        assert failed(root) == (["Ledger"], {"package.misplaced"})

    def test_an_event_made_up_afterwards_has_no_proof(self, root):
        from comity.evidence.custody import read_statement, sign_statement

        path = root / "data/custody/EX-1/0002-stored.json"
        statement = read_statement(path.read_bytes()).statement
        made_up = sign_statement(replace(statement, place="A better place"), key=SENDER_KEYS.seal)
        path.write_bytes(made_up.raw)
        reseal(root)
        steps, codes = failed(root)
        assert steps == ["Ledger"]
        assert codes == {"package.proof_differs"}

    def test_a_removed_acquisition_record(self, root):
        (root / "data/acquisition/EX-1.json").unlink()
        reseal(root)
        steps, codes = failed(root)
        assert steps == ["Acquisition"]
        assert codes == {"acquisition.missing"}

    def test_a_changed_graph_or_report(self, root):
        for name in (
            "data/metadata/case.jsonld",
            "data/metadata/hashdeep.txt",
            "data/reports/EX-1.acquisition.txt",
            "data/reports/EX-1.custody-form.html",
            "data/ro-crate-metadata.json",
        ):
            path = root / name
            data = path.read_bytes()
            path.write_bytes(
                data.replace(b"Meridia", b"Valdoria").replace(b"disk.raw", b"disc.raw")
            )
            reseal(root)
            report = verify_package(root, trust=packages.trust())
            assert [step.title for step in report.failed] == ["Derived files"]
            assert name in {fault.file for fault in report.failed[0].faults}
            path.write_bytes(data)

    def test_a_removed_report(self, root):
        (root / "data/reports/EX-2.custody-form.txt").unlink()
        reseal(root)
        report = verify_package(root, trust=packages.trust())
        assert "data/reports/EX-2.custody-form.txt" in {f.file for f in report.failed[0].faults}

    def test_a_request_reference_of_another_request(self, root):
        path = root / layout.REQUEST
        path.write_bytes(path.read_bytes().replace(b"XV-2026-0000012", b"XV-2026-0000013"))
        reseal(root)
        assert failed(root) == (["Request"], {"package.request_differs"})

    def test_an_unlisted_file_in_a_known_folder(self, root):
        (root / "data/metadata/notes.txt").write_bytes(b"x")
        reseal(root)
        assert failed(root) == (["Files"], {"package.unlisted"})


class TestAcceptance:
    def test_without_acceptance_the_seal_stands_and_it_is_said(self, root):
        shutil.rmtree(root / "acceptance")
        report = verify_package(root, trust=packages.trust())
        assert report.ok
        assert report.accepted_by is None
        assert any("accepted" in note for note in report.not_checked)

    def test_a_removed_acceptance_is_noticed_where_one_is_expected(self, root):
        shutil.rmtree(root / "acceptance")
        trust = packages.trust(accepted_by=RECIPIENT)
        assert failed(root, trust=trust) == (["Expectations"], {"package.not_accepted"})

    @pytest.mark.parametrize("end", ["json", "tlog-proof"])
    def test_a_removed_part_is_noticed(self, root, end):
        (root / f"acceptance/custody/EX-1/0004-received.{end}").unlink()
        assert failed(root)[0] == ["Acceptance"]

    def test_one_exhibit_left_out_is_noticed(self, root):
        shutil.rmtree(root / "acceptance/custody/EX-1")
        steps, codes = failed(root)
        assert steps == ["Acceptance"]
        assert codes == {"package.missing"}

    def test_an_acceptance_of_another_seal_is_noticed(self, root):
        """The sender seals again after the receiver accepted."""
        kept = shutil.copytree(root / "acceptance", root.parent / "kept")
        path = root / layout.BAG_INFO
        path.write_bytes(path.read_bytes().replace(b"Central authority", b"Another authority"))
        reseal(root)
        shutil.copytree(kept, root / "acceptance")
        steps, codes = failed(root)
        assert steps == ["Acceptance"]
        assert codes == {"acceptance.seal"}

    def test_the_senders_own_acceptance_is_none(self, spec, tmp_path):
        root = tmp_path / "package"
        build(spec, root)
        packages.accept(root, spec)
        signed = (root / layout.ACCEPTANCE).read_bytes()
        payload = envelope.read(signed).payload.replace(RECIPIENT.encode(), SENDER.encode())
        forged = envelope.sign(
            payload_type="application/vnd.comity.package-acceptance+json",
            payload=payload,
            key=SENDER_KEYS.seal,
        )
        (root / layout.ACCEPTANCE).write_bytes(forged)
        steps, codes = failed(root)
        assert steps == ["Acceptance"]
        assert "acceptance.authority" in codes


class TestTrust:
    def test_another_root_is_not_trusted(self, root):
        trust = packages.trust()
        other = replace(trust.authorities[0], root=make_seal("somebody", "else").public)
        trust = replace(trust, authorities=(other, *trust.authorities[1:]))
        steps, codes = failed(root, trust=trust)
        assert steps == ["Keys"]
        assert codes == {"envelope.unknown_key"}

    def test_an_authority_that_is_not_in_the_trust_file_is_not_trusted(self, root):
        trust = make_trust(packages.authority(SENDER), packages.authority(WITNESS))
        assert failed(root, trust=trust) == (["Keys"], {"trust.unknown_authority"})

    def test_a_quorum_that_is_not_reached_is_refused(self, root):
        rule = WitnessRule(quorum=2, names=(WITNESS, RECIPIENT))
        trust = replace(packages.trust(), witnesses={SENDER: rule})
        steps, codes = failed(root, trust=trust)
        assert steps == ["Ledger"]
        assert codes == {"proof.quorum"}

    def test_a_witness_that_the_trust_file_does_not_name_does_not_count(self, root):
        rule = WitnessRule(quorum=1, names=(RECIPIENT,))
        trust = replace(packages.trust(), witnesses={SENDER: rule})
        assert failed(root, trust=trust) == (["Ledger"], {"proof.quorum"})

    def test_no_witness_demanded_is_said(self, root):
        trust = replace(packages.trust(), witnesses={})
        report = verify_package(root, trust=trust)
        assert report.ok
        assert any("another history" in note for note in report.not_checked)

    def test_proofs_that_were_taken_out_are_noticed_where_expected(self, spec, tmp_path):
        build(spec, tmp_path / "p", ledger_proofs=())
        assert failed(tmp_path / "p") == ([], set())
        trust = packages.trust(proofs_from=(SENDER, RECIPIENT))
        assert failed(tmp_path / "p", trust=trust) == (
            ["Expectations"],
            {"package.proof_missing"},
        )

    def test_another_package_than_expected_is_noticed(self, root):
        trust = packages.trust(package=packages.REQUEST)
        assert failed(root, trust=trust) == (["Expectations"], {"package.unexpected"})

    def test_a_clock_that_is_a_day_slow_is_noticed(self, root):
        steps, codes = failed(root, now=START - timedelta(days=1))
        assert "Ledger" in steps
        assert codes & {"proof.future", "package.in_the_future"}

    def test_a_package_without_witnesses_is_dated_too(self, tmp_path, spec):
        build(spec, tmp_path / "p")
        steps, codes = failed(tmp_path / "p", now=spec.sealed_at + timedelta(days=1))
        assert (steps, codes) == ([], set())


class TestKeys:
    """Seals that could not have sealed at that time."""

    def sealed_with(self, spec, tmp_path, **changes):
        statement = sign_again(SENDER_KEYS.statement, SENDER_KEYS.root, **changes)
        keys = tuple(statement if one.authority.id == SENDER else one for one in spec.keys)
        build(spec, tmp_path / "p", keys=keys)
        return failed(tmp_path / "p")

    @pytest.mark.parametrize(
        ("begin", "end", "code"),
        [
            (START + timedelta(days=30), None, "key.not_yet_valid"),
            (START - timedelta(days=30), START - timedelta(days=1), "key.expired"),
        ],
    )
    def test_a_seal_outside_its_period_is_refused(self, spec, tmp_path, begin, end, code):
        period = SealPeriod(SENDER_KEYS.seal.public, begin, end)
        steps, codes = self.sealed_with(spec, tmp_path, seals=(period,))
        assert steps == ["Seal"]
        assert codes == {code}

    def test_a_revoked_seal_is_refused(self, spec, tmp_path):
        gone = Revocation(SENDER_KEYS.seal.public.key_id, START - timedelta(days=1), "stolen")
        steps, codes = self.sealed_with(spec, tmp_path, revoked=(gone,))
        assert steps == ["Seal"]
        assert codes == {"key.revoked"}

    def test_a_seal_revoked_later_still_stands(self, spec, tmp_path):
        later = Revocation(SENDER_KEYS.seal.public.key_id, START + timedelta(days=9), "rotation")
        assert self.sealed_with(spec, tmp_path, revoked=(later,)) == ([], set())

    def test_without_the_senders_key_statement_nothing_stands(self, spec, tmp_path):
        keys = tuple(one for one in spec.keys if one.authority.id != SENDER)
        build(spec, tmp_path / "p", keys=keys)
        steps, codes = failed(tmp_path / "p")
        assert steps == ["Seal"]
        assert "package.no_key_statement" in codes


def test_a_folder_that_is_none_is_a_failed_step_and_no_traceback(tmp_path):
    for path in (tmp_path / "missing", tmp_path / "file"):
        report = verify_package(path, trust=packages.trust())
        assert [step.title for step in report.failed] == ["Files"]
        (tmp_path / "file").write_bytes(b"x")
    assert not verify_package(tmp_path, trust=packages.trust()).ok


def test_progress_counts_every_byte_once(root):
    moved = []
    assert verify_package(root, trust=packages.trust(), progress=moved.append).ok
    total = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    assert sum(moved) == total


def test_a_large_file_is_hashed_block_by_block(tmp_path):
    data = os.urandom(1 << 20) * 9
    packages.make_package(tmp_path / "p", {"EX-1": {"big.raw": data}})
    assert failed(tmp_path / "p") == ([], set())
    with (tmp_path / "p/data/evidence/EX-1/big.raw").open("r+b") as file:
        file.seek(len(data) - 3)
        file.write(b"!")
    assert failed(tmp_path / "p")[1] == {"package.digest_differs"}
