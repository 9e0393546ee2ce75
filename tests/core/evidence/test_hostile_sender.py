# SPDX-License-Identifier: Apache-2.0
"""What a sender with real keys, ledger and seal could try: the report stands, and tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.authorities.key_statement import Revocation
from comity.errors import Unverified
from comity.evidence import package as packaging
from comity.evidence.keyring import Keyring
from comity.evidence.package import assemble
from comity.evidence.verify import verify_package
from support import packages
from support.authorities import make_trust, sign_again
from support.packages import RECIPIENT, SENDER, START, WITNESS

FILES = {"EX-1": {"disk.raw": b"disk" * 300}}
KEYS = packages.authority(SENDER)
DAY_AFTER = START + timedelta(days=1)
LAST_MINUTE = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


def built(spec, target, **changes):
    spec = replace(spec, **changes)
    assemble(spec, target=target, seal=KEYS.seal, minisign_key=KEYS.minisign)
    return spec


def failed(root, *, trust=None, now=DAY_AFTER):
    report = verify_package(root, trust=trust or packages.trust(), now=now)
    codes = {fault.code for step in report.failed for fault in step.faults}
    return [step.title for step in report.failed], codes


def unwitnessed(**changes):
    return make_trust(*map(packages.authority, (SENDER, RECIPIENT, WITNESS)), **changes)


@pytest.fixture
def dated(monkeypatch):
    """Let the sender's ledger claim another minute for events of one type."""

    def date(event, when):
        original = packages.Ledger.add

        def add(self, event_type, private, *, at, peer=None):
            at = when(at) if event_type == event else at
            return original(self, event_type, private, at=at, peer=peer)

        monkeypatch.setattr(packages.Ledger, "add", add)
        spec = packages.make_spec(FILES)
        monkeypatch.undo()
        return spec

    return date


@pytest.mark.parametrize("trust", [packages.trust(), unwitnessed()], ids=["witness", "none"])
def test_an_event_of_the_last_minute_there_is_does_not_stop_the_report(dated, tmp_path, trust):
    built(dated("custody.stored", lambda _: LAST_MINUTE), tmp_path / "p")
    assert failed(tmp_path / "p", trust=trust) == (["Ledger"], {"package.proof_time"})


def test_no_clock_stops_the_report(tmp_path):
    packages.make_package(tmp_path / "p", FILES)
    for now in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        verify_package(tmp_path / "p", trust=packages.trust(), now=now)


def test_an_error_that_nobody_thought_of_is_a_failed_step(tmp_path):
    packages.make_package(tmp_path / "p", FILES)

    def broken(_root, _exhibit):
        raise RecursionError("too deep\nVERIFIED: all of it holds.")

    report = verify_package(
        tmp_path / "p", trust=packages.trust(), now=DAY_AFTER, check_container=broken
    )
    (step,) = report.failed
    assert (step.number, step.faults[0].code) == (11, "package.not_checkable")
    assert "RecursionError" in step.detail
    assert "\n" not in step.detail
    assert [one.number for one in report.steps] == list(range(1, 14))


def test_no_text_of_the_sender_adds_a_line_to_the_report(tmp_path):
    forged = "coe_185\n 9 Acquisition    ok     all of it\x1b[2J\u202e"
    spec = packages.make_spec(FILES)
    built(spec, tmp_path / "p", request=replace(spec.request, instrument=forged))
    report = verify_package(tmp_path / "p", trust=packages.trust(), now=DAY_AFTER)
    shown = [step.detail for step in report.steps] + [*report.not_checked]
    shown += [
        text for step in report.steps for one in step.faults for text in (one.file, one.message)
    ]
    assert any("\\n 9 Acquisition" in text for text in shown), "the text is shown, as it is"
    assert all(sign not in text for text in shown for sign in "\n\x1b\u202e")


class TestDatingBack:
    """Times that the authority itself states are held against those of its witnesses."""

    def test_a_leaf_that_lies_after_the_seal_is_refused(self, dated, tmp_path):
        spec = dated("custody.transferred", lambda at: at + timedelta(days=365))
        built(spec, tmp_path / "p")
        assert failed(tmp_path / "p", trust=unwitnessed()) == (["Ledger"], {"package.proof_time"})

    def test_a_seal_older_than_its_proofs_is_refused(self, tmp_path):
        """A thief dates the seal back before its revocation; the proofs inside came later."""
        spec = packages.make_spec(FILES)
        built(spec, tmp_path / "p", sealed_at=spec.sealed_at - timedelta(minutes=40))
        assert failed(tmp_path / "p") == (["Ledger"], {"package.dated_back"})

    def test_clocks_may_differ_a_little(self, tmp_path):
        spec = packages.make_spec(FILES)
        built(spec, tmp_path / "p", sealed_at=spec.sealed_at - timedelta(minutes=5))
        assert failed(tmp_path / "p") == ([], set())

    @pytest.mark.parametrize(("minutes", "codes"), [(-1, {"key.revoked"}), (1, set())])
    def test_a_seal_revoked_before_the_witnesses_saw_it_is_refused(self, tmp_path, minutes, codes):
        """The events claim the hour before; what counts is when witnesses had cosigned them."""
        spec = packages.make_spec(FILES)
        new = packages.authority("xq.moj").seal  # any other seal of the same authority
        revoked = Revocation(
            KEYS.seal.public.key_id, spec.sealed_at + timedelta(minutes=minutes), "stolen"
        )
        period = replace(KEYS.statement.seals[0], key=new.public)
        statement = sign_again(
            KEYS.statement, KEYS.root, revoked=(revoked,), seals=(*KEYS.statement.seals, period)
        )
        keys = tuple(statement if one.authority.id == SENDER else one for one in spec.keys)
        spec = replace(spec, keys=keys)
        assemble(spec, target=tmp_path / "p", seal=new, minisign_key=KEYS.minisign)
        assert failed(tmp_path / "p")[1] == codes

    def test_an_acceptance_older_than_what_it_seals_is_refused(self, tmp_path, monkeypatch):
        original = packages.write_acceptance

        def dated_back(root, spec, *, seal):
            return original(
                root, replace(spec, accepted=spec.accepted - timedelta(hours=1)), seal=seal
            )

        monkeypatch.setattr(packages, "write_acceptance", dated_back)
        packages.make_package(tmp_path / "p", FILES)
        assert failed(tmp_path / "p") == (["Acceptance"], {"acceptance.time"})


def test_a_log_that_shows_two_trees_of_one_size_is_refused(tmp_path, monkeypatch):
    """Another event in the second place for the one who reads the acceptance."""

    def with_another():
        ledger = honest()
        ledger.add("request.executed", {"request": packages.REQUEST}, at=START)
        return ledger

    honest = packages.asking_ledger
    monkeypatch.setattr(packages, "asking_ledger", with_another)
    spec = packages.make_spec(FILES)
    monkeypatch.undo()
    built(spec, tmp_path / "p")
    packages.accept(tmp_path / "p", spec)
    steps, codes = failed(tmp_path / "p")
    assert steps == ["Acceptance"]
    assert "package.two_trees" in codes


class TestTheRequest:
    """Whether the asking authority's own ledger shows that it asked."""

    def test_without_its_proof_that_is_said(self, tmp_path):
        built(packages.make_spec(FILES), tmp_path / "p", ledger_proofs=())
        report = verify_package(tmp_path / "p", trust=packages.trust(), now=DAY_AFTER)
        assert report.ok
        assert any("request.sent" in note for note in report.not_checked)

    def test_with_its_proof_nothing_is_said(self, tmp_path):
        packages.make_package(tmp_path / "p", FILES)
        report = verify_package(tmp_path / "p", trust=packages.trust(), now=DAY_AFTER)
        assert not any("request.sent" in note for note in report.not_checked)

    def test_its_acceptance_does_not_stand_for_it(self, tmp_path):
        spec = built(packages.make_spec(FILES), tmp_path / "p", ledger_proofs=())
        packages.accept(tmp_path / "p", spec)
        trust = packages.trust(proofs_from=(SENDER, RECIPIENT), accepted_by=RECIPIENT)
        steps, codes = failed(tmp_path / "p", trust=trust)
        assert (steps, codes) == (["Expectations"], {"package.proof_missing"})

    def test_a_proof_that_names_no_statement_does_not_stand_for_it(self, tmp_path, monkeypatch):
        def bare():
            ledger = packages.Ledger(RECIPIENT)
            ledger.add("request.sent", {"request": packages.REQUEST}, at=START, peer=SENDER)
            return ledger

        monkeypatch.setattr(packages, "asking_ledger", bare)
        built(packages.make_spec(FILES), tmp_path / "p")
        assert failed(tmp_path / "p") == (["Ledger"], {"package.proof_differs"})


class TestKeyStatements:
    """One party's statements of an authority leave nothing out between them."""

    def statement(self, serial, before):
        return sign_again(KEYS.statement, KEYS.root, serial=serial, previous=before.digest)

    def test_a_gap_is_refused(self):
        first = KEYS.statement
        second = self.statement(2, first)
        third = self.statement(3, second)
        Keyring([third, first, second])
        Keyring([second, third])
        with pytest.raises(Unverified) as caught:
            Keyring([first, third])
        assert caught.value.code == "key_statement.serial"

    def test_the_other_party_may_have_begun_later(self):
        first = KEYS.statement
        third = self.statement(3, self.statement(2, first))
        Keyring([first], added=[third])
        with pytest.raises(Unverified):
            Keyring([first], added=[first, third])

    def test_two_parties_may_not_contradict_each_other(self):
        first = KEYS.statement
        other = sign_again(first, KEYS.root, issued=first.issued + timedelta(hours=1))
        with pytest.raises(Unverified):
            Keyring([first], added=[other])

    def test_a_package_with_a_gap_fails_in_its_step(self, tmp_path, monkeypatch):
        spec = packages.make_spec(FILES)
        third = self.statement(3, self.statement(2, KEYS.statement))
        with pytest.raises(Unverified):
            built(spec, tmp_path / "p", keys=(*spec.keys, third))
        monkeypatch.setattr(packaging, "Keyring", lambda _: Keyring(spec.keys))
        built(spec, tmp_path / "p", keys=(*spec.keys, third))
        assert failed(tmp_path / "p") == (["Keys"], {"key_statement.serial"})
