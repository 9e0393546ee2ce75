# SPDX-License-Identifier: Apache-2.0
"""Matrix, comparison, difference, deadlines, scenarios, archive and signed overlays."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.ids import parse_authority_id
from comity.crypto.keys import SealPrivateKey
from comity.errors import Invalid, Unavailable, Unverified
from comity.law import LegalFacts, assess
from comity.law.archive import PackStore
from comity.law.comparison import compare
from comity.law.deadlines import ends, read_period, unit_of
from comity.law.difference import difference
from comity.law.explain.difference import as_text as difference_text
from comity.law.explain.page import as_text, page
from comity.law.load import PartFiles, load_parts, read_directory
from comity.law.matrix import matrix
from comity.law.overlay import CORRECTION, OWN_LAW, publisher_of, read_part, sign_part
from comity.law.pack import Pack
from comity.law.scenario import read_scenarios
from support.law_packs import TINY, append, edited, overlay, swap

from .conftest import DAY

BUDAPEST = "instruments/coe_185.toml"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


# --- matrix ----------------------------------------------------------------------------------


def test_the_matrix_of_a_measure_covers_every_pair(pack: Pack) -> None:
    found = matrix(facts=LegalFacts("", "", "stored_content"), pack=pack, as_of=DAY)
    assert len(found.cells) == 193 * 192
    assert found.cells[("DE", "JP")].usable == ("eu_jp_mla_2009", "coe_185")
    assert found.cells[("NO", "SE")].status == "usable"
    assert len(list(found.rows())) == len(found.cells)


def test_the_law_needs_little_memory() -> None:
    code = (
        "from datetime import date; from pathlib import Path; import comity_law\n"
        "from comity.law import LegalFacts, load_pack\nfrom comity.law.matrix import matrix\n"
        "pack = load_pack(comity_law.PATH)\n"
        "matrix(facts=LegalFacts('', '', 'general_mla'), pack=pack, as_of=date(2026, 11, 21))\n"
        # not getrusage: its peak is inherited from the process that started this one
        "lines = Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(int(x.split()[1]) // 1024 for x in lines if x.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 200


def test_the_matrix_of_some_pairs_only(pack: Pack) -> None:
    found = matrix(
        facts=LegalFacts("", "", "stored_content"),
        pack=pack,
        as_of=DAY,
        involving=frozenset({"JP"}),
    )
    assert len(found.cells) == 2 * 192


# --- comparison ------------------------------------------------------------------------------


def test_a_comparison_shows_elements_and_penalties(pack: Pack) -> None:
    found = compare(first="DE", second="US", offences=("illegal_access",), pack=pack, as_of=DAY)
    (row,) = found.rows
    german, american = row.sides
    assert [penalty.text for penalty in german.penalties] == ["up to 3 years"]
    assert "up to 1 year; graver forms up to 10 years" in [p.text for p in american.penalties]
    assert german.elements == ("security_measures",)
    assert american.elements == ("intent_to_obtain_data",)
    assert any("Only Germany asks that security measures" in text for text in row.differences)
    assert found.to_json()["format"] == "comity.law.comparison/1"


def test_a_missing_record_is_not_a_missing_offence(pack: Pack) -> None:
    found = compare(first="DE", second="NO", offences=("illegal_access",), pack=pack, as_of=DAY)
    (row,) = found.rows
    assert any("does not mean that there is none" in text for text in row.differences)
    assert dict(row.matches)["NO"].outcome == "met"  # Norway is bound to punish it


# --- difference ------------------------------------------------------------------------------


def test_what_changed_and_for_whom(built_in: PartFiles, pack: Pack) -> None:
    part = edited(built_in, swap(BUDAPEST, 'in_force = "2012-11-01"', 'in_force = "2012-12-01"'))
    found = difference(old=pack, new=load_parts([part]), as_of=date(2012, 11, 15))
    (change,) = found.changes
    assert (change.kind, change.record, change.states) == (
        "changed",
        "coe_185/party/JP",
        ("JP",),
    )
    assert change.keys == (("in_force", "2012-11-01", "2012-12-01"),)
    assert {"JP"} == {
        state for effect in found.effects for state in (effect.requesting, effect.requested)
    } & {"JP"}
    assert all("JP" in (effect.requesting, effect.requested) for effect in found.effects)
    germany = [
        effect
        for effect in found.effects
        if (effect.requesting, effect.requested, effect.measure)
        == ("DE", "JP", "expedited_preservation")
    ]
    assert [(effect.before, effect.after) for effect in germany] == [(("coe_185",), ())]
    today = difference(old=pack, new=load_parts([part]), as_of=DAY)
    assert today.effects == ()


@pytest.mark.parametrize(
    ("name", "before", "record"),
    [
        ("labels/fr.toml", 'extradition = "', "label/fr/measure/extradition"),
        ("vocabulary/codes.toml", 'label = "', ""),
        ("vocabulary/fields.toml", 'label = "', "field/"),
        ("vocabulary/grounds.toml", 'label = "', "ground/"),
        ("vocabulary/roles.toml", 'label = "', "role/"),
    ],
)
def test_words_that_changed_are_changes(
    built_in: PartFiles, pack: Pack, name: str, before: str, record: str
) -> None:
    part = edited(built_in, swap(name, before, f"{before}Other "))
    found = difference(old=pack, new=load_parts([part]), as_of=DAY)
    (change,) = found.changes
    assert change.record.startswith(record)
    assert "Other " in change.keys[0][2]
    assert change.instruments == ()
    assert found.effects == ()
    assert any("Only usable bases are compared" in line for line in difference_text(found))


def test_who_is_concerned_by_a_clock_and_by_a_reservation(built_in: PartFiles, pack: Pack) -> None:
    part = edited(built_in, swap(BUDAPEST, '"P60D"', '"P90D"'))
    part = edited(part, swap(BUDAPEST, 'until = "2019-07-05"', 'until = "2020-07-05"'))
    found = difference(old=pack, new=load_parts([part]), as_of=DAY)
    reservation, clock = found.changes
    assert (clock.record, clock.measure) == (
        "coe_185/provision/expedited_preservation",
        "expedited_preservation",
    )
    assert {"DE", "JP", "CW"} <= set(clock.bound)
    assert not {"FO", "IE", "RU"} & set(clock.bound)
    text = "\n".join(difference_text(found))
    assert f"between CZ and the {len(reservation.bound) - 1} states bound by coe_185" in text
    assert f"between the {len(clock.bound)} states bound by coe_185 on {DAY}" in text
    assert found.effects == ()


def test_nothing_changed(pack: Pack) -> None:
    found = difference(old=pack, new=pack, as_of=DAY)
    assert (found.changes, found.effects) == ((), ())


# --- deadlines -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "calendar", "end"),
    [
        ("P60D", "running_days", datetime(2027, 1, 20, 12, tzinfo=UTC)),
        ("P1W", "running_days", datetime(2026, 11, 28, 12, tzinfo=UTC)),
        ("PT8H", "hours", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("PT96H", "hours", datetime(2026, 11, 25, 12, tzinfo=UTC)),
        ("P3M", "running_days", datetime(2027, 2, 21, 12, tzinfo=UTC)),
        ("P1Y", "running_days", datetime(2027, 11, 21, 12, tzinfo=UTC)),
        ("P5D", "working_days", datetime(2026, 11, 27, 12, tzinfo=UTC)),
    ],
)
def test_when_a_period_is_over(period: str, calendar: str, end: datetime) -> None:
    assert ends(NOON, period, calendar=calendar) == end


def test_a_month_ends_on_the_last_day_where_there_is_no_such_day() -> None:
    assert ends(datetime(2027, 1, 31, tzinfo=UTC), "P1M") == datetime(2027, 2, 28, tzinfo=UTC)


def test_holidays_are_no_working_days() -> None:
    holidays = frozenset({date(2026, 11, 23)})
    end = ends(NOON, "P1D", calendar="working_days", holidays=holidays)
    assert end.date() == date(2026, 11, 24)


@pytest.mark.parametrize("text", ["", "P", "60 days", "P60", "PT", "P1.5D", "-P1D", "P60D "])
def test_a_period_in_words_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_period(text)
    assert caught.value.code == "law.bad_period"


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(Invalid):
        ends(NOON, "P1D", calendar="lunar")


@given(days=st.integers(1, 3_000), hours=st.integers(0, 800_000))
def test_a_period_of_days_is_that_many_days(days: int, hours: int) -> None:
    start = NOON + timedelta(hours=hours)
    assert ends(start, f"P{days}D") - start == timedelta(days=days)
    assert ends(start, f"P{days}D", calendar="working_days") - start >= timedelta(days=days)


def test_every_period_of_the_law_can_be_counted(pack: Pack) -> None:
    for instrument in pack.instruments.values():
        for rows in instrument.provisions.values():
            for clock in (clock for row in rows for clock in row.clocks):
                if clock.period is not None:
                    assert ends(NOON, clock.period, calendar=clock.calendar) > NOON
                else:
                    assert clock.kind == "none"


@pytest.mark.parametrize(
    ("period", "unit"),
    [("P60D", "days"), ("PT8H", "hours"), ("P1Y6M", "months"), ("P2W", "weeks"), ("P1Y", "years")],
)
def test_the_unit_of_a_period_is_its_smallest(period: str, unit: str) -> None:
    assert unit_of(period) == unit


def test_a_clock_says_its_unit_and_what_stops_it() -> None:
    codes = "".join(
        f'[[{name}]]\nid = "{code}"\nlabel = "{code}"\n'
        for name, code in (
            ("event", "receipt"),
            ("calendar", "working_days"),
            ("clock_kind", "maximum"),
        )
    )
    clock = (
        '[[provision.clock]]\nid = "{}"\nlabel = "answer"\nvalue = "ten days"\n{}'
        'kind = "maximum"\nstarts = "receipt"\ncalendar = "working_days"\nconsequence = "late"\n'
    )
    told = 'period = "P10D"\npause = "It stands still while more is asked."\n'

    def edit(files: dict[str, bytes]) -> None:
        files["codes.toml"] = codes.encode()
        files["treaty.toml"] = (
            files["treaty.toml"].replace(b'"XB"', b'"XA"')
            + (clock.format("a", told) + clock.format("b", "")).encode()
        )
        files["treaty.toml"] += (
            b'[[party]]\nstate = "XB"\nstatus = "party"\nin_force = "2001-01-01"\n'
            b'confidence = "verified"\nsource = ["s"]\n'
        )

    pack = load_parts([edited(TINY, edit)])
    (basis,) = assess(facts=LegalFacts("XA", "XB", "help"), pack=pack, as_of=DAY).bases
    told_of, bare = (clock.to_json() for clock in basis.clocks)
    assert (told_of["unit"], told_of["pause"]) == ("days", "It stands still while more is asked.")
    assert (bare["unit"], bare["pause"]) == (None, None)
    answer = assess(facts=LegalFacts("XA", "XB", "help"), pack=pack, as_of=DAY)
    shown = "\n".join(as_text(page(answer, pack, language="en")))
    assert "late It stands still while more is asked." in " ".join(shown.split())


# --- scenarios -------------------------------------------------------------------------------


def test_a_scenario_that_differs_says_how(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        '[[case]]\ntitle = "x"\nfrom = "DE"\nto = "JP"\nmeasure = "stored_content"\n'
        'on = "2026-11-21"\nusable = ["coe_185"]\nundetermined = ["eu_eio"]\n'
        '[[case.basis]]\ninstrument = "coe_185"\nstatus = "not_usable"\n'
        'requires = ["penalties"]\nclocks = { respond = "P1D" }\n'
        '[[case.basis]]\ninstrument = "us_gb_mlat"\n'
    )
    (scenario,) = read_scenarios(path)
    differences = "\n".join(scenario.run(pack))
    for words in (
        "usable is ['eu_jp_mla_2009', 'coe_185'], expected ['coe_185']",
        "eu_eio is not among the undetermined",
        "coe_185: status is usable, expected not_usable",
        "the field penalties is not required",
        "clock respond is no figure, expected P1D",
        "us_gb_mlat: no such candidate",
    ):
        assert words in differences


QUESTION = 'title = "x"\nfrom = "DE"\nto = "JP"\nmeasure = "jit"\non = "2026-11-21"\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "law.no_scenario"),
        ("# only a remark\n", "law.no_scenario"),
        (f"[[case]]\n{QUESTION}", "law.expects_nothing"),
        (f"[[case]]\n{QUESTION}undetermined = []\ntransfer = []\n", "law.expects_nothing"),
    ],
)
def test_what_expects_nothing_is_a_fault(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "case.toml"
    path.write_text(text)
    with pytest.raises(Invalid) as caught:
        read_scenarios(path)
    assert caught.value.code == "law.scenario_invalid"
    assert code in caught.value.message


@pytest.mark.parametrize(
    "expected", ["usable = []\n", 'absent = ["coe_030"]\n', '[[case.basis]]\ninstrument = "x"\n']
)
def test_expecting_no_basis_or_that_one_is_named_is_something(
    tmp_path: Path, expected: str
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(f"[[case]]\n{QUESTION}{expected}")
    assert len(read_scenarios(path)) == 1


def test_a_misspelt_expectation_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        '[[case]]\ntitle = "x"\nfrom = "DE"\nto = "JP"\nmeasure = "x"\non = "x"\nuseable = []\n'
    )
    with pytest.raises(Invalid) as caught:
        read_scenarios(path)
    assert caught.value.code == "law.scenario_invalid"
    assert "case.toml: case[1].useable" in caught.value.message
    assert "mean usable" in caught.value.hint


def test_every_fault_of_a_file_of_cases_is_named(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(f"[[case]]\n{QUESTION}usable = 1\n[[case]]\n{QUESTION}useable = []\n")
    with pytest.raises(Invalid) as caught:
        read_scenarios(path)
    assert caught.value.message.count("case.toml") == 1
    assert "case[1].usable" in caught.value.message
    assert "case[2].useable" in caught.value.hint


def test_a_question_that_cannot_be_asked_names_its_case(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(f"[[case]]\n{QUESTION}usable = []\n".replace('"JP"', '"Japan"'))
    (scenario,) = read_scenarios(path)
    with pytest.raises(Invalid, match=scenario.title) as caught:
        scenario.run(pack)
    assert (caught.value.code, caught.value.hint) == ("law.unknown_state", "Japan is JP.")


def test_a_pipe_in_place_of_cases_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "case.toml")
    with pytest.raises(Invalid) as caught:
        read_scenarios(tmp_path / "case.toml")
    assert caught.value.code == "law.unreadable"


# --- packs by digest -------------------------------------------------------------------------


def test_an_old_request_is_explained_with_the_pack_of_its_day(
    built_in: PartFiles, tmp_path: Path
) -> None:
    store = PackStore(tmp_path / "law")
    assert store.digests() == ()
    old = store.keep([built_in])
    facts = LegalFacts("DE", "EC", "expedited_preservation")
    day = date(2025, 4, 10)
    then = assess(facts=facts, pack=old, as_of=day)
    corrected = (
        'for_instrument = "coe_185"\n[[party]]\nreplaces = "coe_185/party/EC"\n'
        'reason = "the deposit has been seen"\nstate = "EC"\nstatus = "party"\n'
        'in_force = "2025-04-01"\nconfidence = "verified"\nsource = ["bwb_185"]\n'
    )
    new = store.keep([built_in, overlay(ecuador=corrected)])
    now = assess(facts=facts, pack=store.open(new.digest), as_of=day)
    again = assess(facts=facts, pack=store.open(then.pack_digest), as_of=day)
    assert again == then
    assert [b.status for b in then.bases] != [b.status for b in now.bases]
    assert set(store.digests()) == {old.digest, new.digest}


def test_a_faulty_pack_is_not_kept(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    kept = store.keep([TINY])
    with pytest.raises(Invalid):
        store.keep([edited(TINY, swap("treaty.toml", 'state = "XB"', 'state = "XQ"'))])
    assert store.digests() == (kept.digest,)
    assert store.open(kept.digest) == kept


ALTERATIONS = {
    "a date": lambda data: data.replace(b"2001-01-01", b"2002-01-01"),
    "who signed it": lambda data: data.replace(b'"signed_by":""', b'"signed_by":"xv.moj"'),
    "all of it": lambda _data: b"{}",
    "no JSON": lambda _data: b"\xff",
    "cut short": lambda data: data[: len(data) // 2],
    "emptied": lambda _data: b"",
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_pack_is_found(tmp_path: Path, name: str) -> None:
    store = PackStore(tmp_path)
    pack = store.keep([TINY])
    (path,) = tmp_path.glob("*.json")
    before = path.read_bytes()
    path.write_bytes(ALTERATIONS[name](before))
    assert path.read_bytes() != before
    for look in (store.open, store.verify):
        with pytest.raises(Unverified) as caught:
            look(pack.digest)
        assert caught.value.code == "law.pack_altered"
    # The same bytes come again, from where they are made: then they are kept as they should be.
    assert store.keep([TINY]) == pack
    assert path.read_bytes() == before


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Unavailable) as caught:
            store.keep([TINY])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "law.store_unwritable"
    assert list(tmp_path.iterdir()) == []
    assert store.keep([TINY]).digest in store.digests()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "law").write_text("a file where the folder should be")
    store = PackStore(tmp_path / "law")
    with pytest.raises(Unavailable) as caught:
        store.keep([TINY])
    assert caught.value.code in {"law.store_unwritable", "law.store_unreadable"}


def test_a_pack_that_was_never_kept(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        PackStore(tmp_path).open("0" * 64)  # type: ignore[arg-type]
    assert caught.value.code == "law.pack_not_kept"


# --- signed overlays -------------------------------------------------------------------------

KEY = SealPrivateKey.from_seeds(ed25519_seed=b"\1" * 32, mldsa65_seed=b"\2" * 32)
OTHER = SealPrivateKey.from_seeds(ed25519_seed=b"\3" * 32, mldsa65_seed=b"\4" * 32)
OWN = (
    'state = "US"\n[[practice]]\ntopic = "languages"\ntext = "English"\nlanguages = ["en"]\n'
    'confidence = "verified"\nsource = ["inl_mlats_2015"]\n'
)


def signed(part: PartFiles, *, kind: str, publisher: str = "us.doj") -> bytes:
    return sign_part(part, kind=kind, publisher=parse_authority_id(publisher), issued=NOON, key=KEY)


def test_a_state_signs_law_about_itself(built_in: PartFiles) -> None:
    data = signed(overlay(us=OWN), kind=OWN_LAW)
    assert publisher_of(data) == "us.doj"
    read = read_part(data, key=KEY.public)
    assert (read.kind, read.publisher, read.issued) == (OWN_LAW, "us.doj", NOON)
    pack = load_parts([built_in, read.part])
    answer = assess(facts=LegalFacts("DE", "US", "stored_content"), pack=pack, as_of=DAY)
    assert [part.signed_by for part in answer.parts] == ["", "us.doj"]
    unsigned = load_parts([built_in, overlay(us=OWN)])
    assert pack.digest != unsigned.digest, "who signed it is part of the law"
    assert answer.usable[0].state_rules[0].pack == "overlay"


def test_a_state_may_not_sign_law_about_another(built_in: PartFiles) -> None:
    data = signed(overlay(us=OWN), kind=OWN_LAW, publisher="fr.moj")
    with pytest.raises(Invalid) as caught:
        load_parts([built_in, read_part(data, key=KEY.public).part])
    assert "law.not_own_law" in str(caught.value)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("labels/en", '[measure]\nextradition = "Nothing of the kind"\n'),
        ("labels/fr", '[state]\nFR = "Ailleurs"\n'),
        (
            "sources",
            '[[source]]\nid = "bwb_185"\nreplaces = "bwb_185"\ntitle = "x"\nkind = "x"\nseen = "x"\n',
        ),
    ],
)
def test_own_law_rewrites_neither_names_nor_documents_of_others(
    built_in: PartFiles, file: str, text: str
) -> None:
    data = signed(overlay(us=OWN, **{file: text}), kind=OWN_LAW)
    with pytest.raises(Invalid) as caught:
        load_parts([built_in, read_part(data, key=KEY.public).part])
    assert "law.not_own_law" in str(caught.value)


def test_own_law_brings_the_documents_it_was_read_from(built_in: PartFiles) -> None:
    source = '[[source]]\nid = "us_manual"\ntitle = "Manual"\nkind = "manual"\nseen = "all"\n'
    data = signed(overlay(us=OWN, sources=source), kind=OWN_LAW)
    pack = load_parts([built_in, read_part(data, key=KEY.public).part])
    assert pack.sources["us_manual"].title == "Manual"


def test_a_correction_may_concern_any_state(built_in: PartFiles) -> None:
    data = signed(overlay(us=OWN), kind=CORRECTION, publisher="fr.moj")
    pack = load_parts([built_in, read_part(data, key=KEY.public).part])
    assert pack.parts[1].signed_by == "fr.moj"


def test_another_key_and_another_byte_are_refused() -> None:
    data = signed(overlay(us=OWN), kind=OWN_LAW)
    with pytest.raises(Unverified):
        read_part(data, key=OTHER.public)
    for position in range(0, len(data), len(data) // 40):
        broken = bytearray(data)
        broken[position] ^= 1
        with pytest.raises((Invalid, Unverified)):
            read_part(bytes(broken), key=KEY.public)


def test_only_two_kinds_are_signed() -> None:
    with pytest.raises(Invalid) as caught:
        signed(overlay(us=OWN), kind="opinion")
    assert caught.value.code == "law.overlay_kind"


def test_a_directory_and_its_signed_form_have_one_digest(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(TINY.files["pack.toml"])
    part = read_directory(tmp_path)
    assert read_part(signed(part, kind=CORRECTION), key=KEY.public).part.digest == part.digest


def test_comments_change_the_digest_but_no_answer(built_in: PartFiles, pack: Pack) -> None:
    part = edited(built_in, append(BUDAPEST, "\n# nothing\n"))
    found = difference(old=pack, new=load_parts([part]), as_of=DAY)
    assert found.old["digest"] != found.new["digest"]
    assert found.changes == ()
