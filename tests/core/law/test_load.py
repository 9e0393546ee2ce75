# SPDX-License-Identifier: Apache-2.0
"""A pack with a fault is never used, and every fault names its file, its key and the fix."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import comity_law
from comity.errors import Invalid
from comity.law.load import PartFiles, check_parts, load_pack, load_parts, read_directory
from comity.law.pack import Pack
from support.law_packs import TINY, Edit, append, edited, overlay, swap

BUDAPEST = "instruments/coe_185.toml"
ORDER = "rules/order.toml"
DEMO = Path(__file__).resolve().parents[3] / "demo" / "law"

PARTY = '[[party]]\nstate = "JP"\nstatus = "party"\n'


def faults(part: PartFiles, *more: PartFiles) -> dict[str, str]:
    return {
        problem.code: f"{problem.file}: {problem.key}" for problem in check_parts([part, *more])
    }


def test_the_built_in_law_has_no_fault(built_in: PartFiles) -> None:
    assert check_parts([built_in]) == ()


def test_everything_of_the_research_is_there(pack: Pack) -> None:
    provisions = [
        p for i in pack.instruments.values() for rows in i.provisions.values() for p in rows
    ]
    lists = [i for i in pack.instruments.values() if i.list.model != "pair"]
    assert len(pack.instruments) == 92
    assert len(provisions) == 235
    assert len(pack.offences) == 19
    assert sum(map(len, pack.national.values())) == 163
    assert sum(map(len, pack.authorities.values())) == 59
    assert sum(len(i.declarations) for i in pack.instruments.values()) == 30
    assert len(pack.transfer_grounds) + len(pack.adequacy) == 37
    assert len(pack.sources) == 99
    # 46 lists are of instruments, two of which have none; three only say that a treaty exists.
    with_list = [i for i in lists if i.id not in ("coe_108", "coe_223", "eu_is_no_mla")]
    pairs_with_list = ("us_gb_cloud", "us_au_cloud")
    assert len({i.id for i in with_list} | set(pairs_with_list)) + len(pack.coverage) == 49
    assert (
        len([p for p in pack.instruments["coe_185"].parties.values() if p[0].status == "party"])
        >= 78
    )
    assert len([s for s in pack.states.values() if s.kind == "member"]) == 193


def test_norway_is_a_text_everywhere(pack: Pack) -> None:
    assert pack.states["NO"].label == "Norway"
    assert "NO" in pack.instruments["coe_185"].parties
    assert pack.instruments["coe_185"].parties["NO"][0].in_force.text == "2006-10-01"


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ru", "zh"])
def test_every_coded_value_has_a_label_in_the_six_languages(pack: Pack, language: str) -> None:
    for vocabulary, english in pack.labels["en"].items():
        labels = pack.labels[language][vocabulary]
        assert set(labels) >= set(english), (language, vocabulary)
        assert all(labels.values())
        if language not in ("en", "fr", "es"):
            # another script: nothing was left in English
            assert not [t for t in labels.values() if t.isascii() and t.isalpha()]


def test_labels_come_in_the_language_asked_for(pack: Pack) -> None:
    assert pack.label("measure", "extradition", "fr") == "Extradition ou remise"
    assert pack.label("state", "NO", "ar") == "النرويج"
    assert pack.label("status", "usable", "de") == "usable"


def test_a_label_of_nothing_is_a_fault(built_in: PartFiles) -> None:
    part = edited(built_in, append("labels/fr.toml", '[jump]\nfar = "loin"\n'))
    assert "law.unknown_value" in faults(part)
    other = edited(built_in, lambda files: files.__setitem__("labels/de.toml", b"[status]\n"))
    assert "law.unknown_language" in faults(other)


MUTATIONS: dict[str, tuple[Edit, str, str]] = {
    "missing source": (
        swap(
            BUDAPEST, 'confidence = "verified"\nsource = ["coe_decl_at"]', 'confidence = "verified"'
        ),
        "law.missing_source",
        "declaration[1].source",
    ),
    "unknown source": (
        swap(BUDAPEST, 'source = ["coe_decl_at"]', 'source = ["coe_decl_xx"]'),
        "law.unknown_source",
        "declaration[1].source",
    ),
    "unknown state": (
        swap(BUDAPEST, 'state = "JP"', 'state = "JQ"'),
        "law.unknown_state",
        "state",
    ),
    "overlapping periods": (
        append(
            BUDAPEST,
            '\n[[party]]\nstate = "JP"\nstatus = "party"\nin_force = "2013-01-01"\n'
            'confidence = "verified"\nsource = ["bwb_185"]\n',
        ),
        "law.overlapping_periods",
        "coe_185/party/JP/2013-01-01",
    ),
    "overlapping reservations": (
        append(
            BUDAPEST,
            '\n[[declaration]]\nstate = "CZ"\narticle = "29(4)"\ntype = "reservation"\n'
            'text = "again"\neffect = "may_refuse_dual_criminality"\nfrom = "2019-07-04"\n'
            'confidence = "verified"\nsource = ["bwb_185"]\n',
        ),
        "law.overlapping_periods",
        "coe_185/declaration/CZ/29(4)/2019-07-04",
    ),
    "circular parent": (
        swap(
            "vocabulary/measures.toml",
            'id = "stored_computer_data"\n',
            'id = "stored_computer_data"\nnote = "x"\n',
        ),
        "",
        "",
    ),
    "article without instrument": (
        append(
            "instruments/stray.toml", '\n[[provision]]\nid = "x"\nmeasure = "jit"\narticle = "1"\n'
        ),
        "law.article_without_instrument",
        "",
    ),
    "date in words": (
        swap(BUDAPEST, 'in_force = "2012-11-01"', 'in_force = "November 2012"'),
        "law.date_in_words",
        "in_force",
    ),
    "a day that does not exist": (
        swap(BUDAPEST, 'in_force = "2012-11-01"', 'in_force = "2012-02-30"'),
        "law.no_such_date",
        "in_force",
    ),
    "duplicate id": (
        append(
            "rules/order.toml",
            '\n[[rule]]\nid = "named-measure-first"\nkind = "named_first"\n'
            'article = "x"\ntext = "x"\nconfidence = "likely"\nsource = ["recall"]\n',
        ),
        "law.duplicate_id",
        "id",
    ),
    "a state twice": (
        append(
            BUDAPEST,
            '\n[[party]]\nstate = "JP"\nstatus = "party"\nconfidence = "verified"\n'
            'source = ["bwb_185"]\n',
        ),
        "law.duplicate_id",
        "state",
    ),
    "a string of ten megabytes": (
        swap(BUDAPEST, 'place = "Budapest"', f'place = "{"x" * 10_000_000}"'),
        "law.file_too_large",
        "instrument.place",
    ),
    "a string of ten thousand characters": (
        swap(BUDAPEST, 'place = "Budapest"', f'place = "{"x" * 10_000}"'),
        "law.text_too_long",
        "instrument.place",
    ),
    "a misspelt key": (
        swap(BUDAPEST, "depositary = ", "depository = "),
        "law.unknown_key",
        "depository",
    ),
    "an unknown measure": (
        swap(BUDAPEST, '  "network_24_7",', '  "network_24_8",'),
        "law.unknown_measure",
        "provides",
    ),
    "a number in place of a text": (
        swap(BUDAPEST, 'place = "Budapest"', "place = 7"),
        "law.wrong_type",
        "instrument.place",
    ),
    "no TOML": (append(BUDAPEST, "\n[[party\n"), "law.toml_syntax", "party"),
    "no pack.toml": (lambda files: files.pop("pack.toml") and None, "law.missing_file", ""),
    "an end before the beginning": (
        swap(BUDAPEST, 'until = "2019-07-05"', 'until = "2010-07-05"'),
        "law.ends_before_it_begins",
        "until",
    ),
    "a rule about nothing": (
        swap(
            "rules/order.toml",
            'first = { instruments = ["coe_185"] }',
            'first = { instruments = ["coe_186"] }',
        ),
        "law.unknown_instrument",
        "rule/coe_185-27-28-subsidiary",
    ),
    "a period in words": (
        swap(BUDAPEST, 'period = "P60D"', 'period = "60 days"'),
        "law.bad_period",
        "period",
    ),
    "not UTF-8": (
        lambda files: files.__setitem__(BUDAPEST, b"\xff" + files[BUDAPEST]),
        "law.not_utf8",
        "",
    ),
}
MUTATIONS["circular parent"] = (
    swap(
        "vocabulary/measures.toml",
        'id = "general_mla"\n',
        'id = "general_mla"\nparent = "stored_content"\n',
    ),
    "law.circular_parent",
    "measure/",
)
MUTATIONS["territories in a circle"] = (
    swap(
        "vocabulary/states.toml",
        'id = "CN"\nkind = "member"\n',
        'id = "CN"\nkind = "territory"\nof = "HK"\n',
    ),
    "law.circular_parent",
    "CN.of",
)
MUTATIONS["a territory of itself"] = (
    swap("vocabulary/states.toml", 'of = "NL"\n', 'of = "CW"\n'),
    "law.circular_parent",
    "CW.of",
)
MUTATIONS["a territory of a territory"] = (
    swap("vocabulary/states.toml", 'of = "NL"\n', 'of = "HK"\n'),
    "law.circular_parent",
    "CW.of",
)
MUTATIONS["supplements in a circle"] = (
    swap(
        "instruments/coe_030.toml",
        'stands = "alone"\n',
        'stands = "alone"\nsupplements = "coe_182"\n',
    ),
    "law.circular_parent",
    "coe_182",
)
SOURCED = 'confidence = "verified"\nsource = ["s"]\n'
PRACTICE = '[[practice]]\ntopic = "threshold"\ntext = "a year"\nmonths = 12\n'
ADEQUATE = '[[adequacy]]\nterritory = "XA"\nregime = "R"\ndecision = "D"\nadopted = '
CODES = '[[topic]]\nid = "threshold"\nlabel = "threshold"\n'
RULE = '[[rule]]\nid = "r"\nkind = "before"\narticle = "1"\ntext = "x"\n' + SOURCED
SELECTOR = '{ instruments = ["treaty"] }\n'
OTHER = (
    '[[provision]]\nid = "other"\nsame_as = "help"\nmeasure = "help"\naddressee = "state"\n'
    'article = "2"\n'
)

#: Records that are well formed and say nothing, or what cannot be.
HOLLOW: dict[str, tuple[Edit, str]] = {
    "no article": (swap("treaty.toml", 'article = "1"', 'article = ""'), "law.blank_text"),
    "a blank title": (swap("treaty.toml", '"A Treaty"', '" "'), "law.blank_text"),
    "no version": (swap("pack.toml", 'version = "1"', 'version = ""'), "law.blank_text"),
    "a blank source": (
        swap("treaty.toml", "stands = ", 'urls = [" "]\nstands = '),
        "law.blank_text",
    ),
    "a turned title": (
        swap("treaty.toml", '"A Treaty"', '"A \\u202Eytaert"'),
        "law.hidden_character",
    ),
    "a title with NUL": (
        swap("treaty.toml", '"A Treaty"', '"A\\u0000Treaty"'),
        "law.hidden_character",
    ),
    "a turned name": (
        swap("vocabulary/all.toml", 'label = "A"', 'label = "A"\nnames = { fr = "\\u202EA" }'),
        "law.hidden_character",
    ),
    "a rule without words": (
        append("r.toml", RULE.replace('"x"', '""') + f"first = {SELECTOR}then = {SELECTOR}"),
        "law.blank_text",
    ),
    "a rule about nothing": (append("r.toml", RULE + f"first = {SELECTOR}"), "law.empty_rule"),
    "a rule with an empty selector": (
        append("r.toml", RULE + f"first = {SELECTOR}then = {{ instruments = [] }}\n"),
        "law.empty_rule",
    ),
    "an adequacy that ends first": (
        append("a.toml", ADEQUATE + '"2030-01-01"\nuntil = "2020-01-01"\n' + SOURCED),
        "law.ends_before_it_begins",
    ),
    "an adequacy inside another": (
        append(
            "a.toml",
            ADEQUATE
            + '"2020-01-01"\n'
            + SOURCED
            + ADEQUATE.replace('"D"', '"E"')
            + '"2021-01-01"\nuntil = "2022-01-01"\n'
            + SOURCED,
        ),
        "law.overlapping_periods",
    ),
    "a practice that ends first": (
        append(
            "p.toml",
            'state = "XA"\n' + PRACTICE + 'from = "2020-01-01"\nuntil = "2019-01-01"\n' + SOURCED,
        ),
        "law.ends_before_it_begins",
    ),
    "two thresholds at once": (
        append("p.toml", 'state = "XA"\n' + PRACTICE + SOURCED + PRACTICE + SOURCED),
        "law.overlapping_periods",
    ),
    "bound before the treaty": (
        swap("treaty.toml", 'in_force = "2001-01-01"', 'in_force = "1999-01-01"'),
        "law.impossible_dates",
    ),
    "bound before the deposit": (
        swap("treaty.toml", 'status = "party"', 'status = "party"\ndeposit = "2002"'),
        "law.impossible_dates",
    ),
    "in force before it was adopted": (
        swap("treaty.toml", 'stands = "alone"', 'stands = "alone"\nadopted = "2000-01-02"'),
        "law.impossible_dates",
    ),
    "a measure twice": (append("treaty.toml", OTHER), "law.provision_twice"),
}


@pytest.mark.parametrize("name", HOLLOW)
def test_a_record_that_says_nothing_or_what_cannot_be_is_a_fault(name: str) -> None:
    base = edited(TINY, append("vocabulary/codes.toml", CODES))
    assert check_parts([base]) == ()
    edit, code = HOLLOW[name]
    problems = check_parts([edited(base, edit)])
    assert {problem.code for problem in problems} == {code}, [str(one) for one in problems]
    assert all(problem.file and problem.fix for problem in problems)


def test_a_renewal_before_the_end_and_a_second_addressee_are_no_faults() -> None:
    base = edited(TINY, append("vocabulary/codes.toml", CODES))
    renewed = ADEQUATE + '"2020-01-01"\nuntil = "2024-12-27"\n' + SOURCED
    renewed += ADEQUATE.replace('"D"', '"E"') + '"2024-12-19"\n' + SOURCED
    assert check_parts([edited(base, append("a.toml", renewed))]) == ()
    later = PRACTICE + 'until = "2020-01-01"\n' + SOURCED + PRACTICE + 'from = "2020-01-01"\n'
    assert check_parts([edited(base, append("p.toml", 'state = "XA"\n' + later + SOURCED))]) == ()
    provider = '[[addressee]]\nid = "provider"\nlabel = "provider"\n'
    both = edited(base, append("vocabulary/codes.toml", provider))
    other = OTHER.replace('"state"', '"provider"')
    assert check_parts([edited(both, append("treaty.toml", other))]) == ()


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_fault_is_named(built_in: PartFiles, name: str) -> None:
    edit, code, key = MUTATIONS[name]
    part = edited(built_in, edit)
    problems = check_parts([part])
    found = [problem for problem in problems if problem.code == code]
    assert found, [str(problem) for problem in problems]
    assert any(key in problem.key for problem in found), [problem.key for problem in found]
    assert all(problem.file and problem.message and problem.fix for problem in found)


def test_a_file_that_is_too_large_says_where_without_a_false_size(built_in: PartFiles) -> None:
    edit, _, _ = MUTATIONS["a string of ten megabytes"]
    part = edited(built_in, edit)
    cut = edited(part, lambda files: files.__setitem__(BUDAPEST, files[BUDAPEST][: (2 << 20) + 1]))
    line = 1 + built_in.files[BUDAPEST].split(b"\nplace =")[0].count(b"\n") + 1
    for each in (part, cut):
        (problem,) = check_parts([each])[:1]
        assert problem.key == "instrument.place"
        assert "more than 2097152 bytes" in problem.message
        assert f"line {line}" in problem.message
        assert "2097153" not in problem.message


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ('title = "A Treaty', "instrument.title"),
        ("title = A Treaty", "instrument.title"),
        ('title = "A\udcffTreaty"', "instrument.title"),
        ("title", "instrument.id"),
    ],
)
def test_what_is_not_toml_names_the_key(written: str, key: str) -> None:
    def edit(files: dict[str, bytes]) -> None:
        bad = written.encode("utf-8", "surrogateescape")
        files["treaty.toml"] = files["treaty.toml"].replace(b'title = "A Treaty"', bad)

    problem = next(p for p in check_parts([edited(TINY, edit)]) if p.file == "treaty.toml")
    assert problem.key == key
    assert problem.code in ("law.toml_syntax", "law.not_utf8")


def test_a_pack_with_a_fault_is_never_returned(built_in: PartFiles) -> None:
    part = edited(built_in, MUTATIONS["unknown state"][0])
    with pytest.raises(Invalid) as caught:
        load_parts([part])
    assert caught.value.code == "law.pack_invalid"
    assert "instruments/coe_185.toml" in caught.value.message
    assert "JQ" in caught.value.message


def test_the_nearest_valid_name_is_offered(built_in: PartFiles) -> None:
    part = edited(built_in, swap(BUDAPEST, 'effect = "closes_channel"', 'effect = "closes_chanel"'))
    (problem,) = check_parts([part])
    assert "closes_channel" in problem.fix


def test_an_overlay_adds_fictional_states(built_in: PartFiles) -> None:
    pack = load_parts([built_in, read_directory(DEMO)])
    assert pack.states["XV"].fictional
    assert pack.name == "comity-law+demo-fiction"
    assert not any(state.fictional for state in load_parts([built_in]).states.values())


def test_a_correction_says_why_and_is_named(built_in: PartFiles) -> None:
    text = (
        'for_instrument = "coe_185"\n[[party]]\nreplaces = "coe_185/party/EC"\n'
        'reason = "the deposit has been seen"\nstate = "EC"\nstatus = "party"\n'
        'in_force = "2025-04-01"\nconfidence = "verified"\nsource = ["bwb_185"]\n'
    )
    pack = load_parts([built_in, overlay(ecuador=text)])
    row = pack.instruments["coe_185"].parties["EC"][0]
    assert row.in_force is not None
    assert row.in_force.text == "2025-04-01"
    assert (row.origin.pack, row.origin.corrected) == ("overlay", "the deposit has been seen")
    without_reason = text.replace('reason = "the deposit has been seen"\n', "")
    assert "law.correction_without_reason" in faults(built_in, overlay(ecuador=without_reason))
    of_nothing = text.replace("party/EC", "party/XX")
    assert "law.nothing_to_replace" in faults(built_in, overlay(ecuador=of_nothing))


def test_the_digest_covers_every_byte_and_every_name(built_in: PartFiles) -> None:
    other_byte = edited(built_in, append(BUDAPEST, "# a comment\n"))
    other_name = edited(built_in, lambda f: f.__setitem__("instruments/x.toml", f.pop(BUDAPEST)))
    assert len({built_in.digest, other_byte.digest, other_name.digest}) == 3
    assert load_parts([other_byte]).digest == other_byte.digest


def test_the_cache_gives_the_same_pack_and_is_never_stale(tmp_path: Path, pack: Pack) -> None:
    first = load_pack(comity_law.PATH, cache=tmp_path)
    assert list(tmp_path.glob("law-*.json"))
    assert load_pack(comity_law.PATH, cache=tmp_path) == first == pack
    changed = tmp_path / "changed"
    for name, data in read_directory(comity_law.PATH).files.items():
        (changed / name).parent.mkdir(parents=True, exist_ok=True)
        (changed / name).write_bytes(data.replace(b'"Budapest Convention"', b'"The Convention"'))
    assert load_pack(changed, cache=tmp_path).instruments["coe_185"].short == "The Convention"


def test_a_torn_or_foreign_cache_is_not_used(tmp_path: Path, pack: Pack) -> None:
    load_pack(comity_law.PATH, cache=tmp_path)
    (kept,) = tmp_path.glob("law-*.json")
    kept.write_bytes(kept.read_bytes()[:-10])
    assert load_pack(comity_law.PATH, cache=tmp_path) == pack
    kept.chmod(0o666)
    assert load_pack(comity_law.PATH, cache=tmp_path) == pack


def test_no_directory_no_pack(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such directory"):
        load_pack(tmp_path / "nowhere")
    assert "law.missing_file" in faults(read_directory(tmp_path))


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").symlink_to("nowhere")
    with pytest.raises(Invalid) as caught:
        read_directory(tmp_path)
    assert caught.value.code == "law.unreadable"


@pytest.mark.parametrize("closed", [".", "instruments"])
def test_a_closed_folder_is_never_read_as_an_empty_one(closed: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pack.toml").write_text("")
        (folder / "instruments").mkdir()
        (folder / closed).chmod(0o000)
        with as_a_stranger(), pytest.raises(Invalid) as caught:
            read_directory(folder)
        (folder / closed).chmod(0o755)
        assert caught.value.code == "law.unreadable"
        assert str(folder / closed) in caught.value.message


@contextlib.contextmanager
def as_a_stranger() -> Iterator[None]:
    """Act as a user to whom closed folders are closed: root is stopped by none."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@given(data=st.binary(max_size=400))
def test_foreign_bytes_are_never_a_traceback(data: bytes) -> None:
    check_parts([PartFiles("x", {"pack.toml": data, "instruments/x.toml": data})])


@given(
    key=st.sampled_from(["state", "status", "in_force", "source", "confidence", "until"]),
    value=st.one_of(
        st.text(max_size=30),
        st.integers(),
        st.booleans(),
        st.lists(st.text(max_size=5), max_size=3),
    ),
)
def test_any_value_for_any_key_is_a_fault_or_fine(key: str, value: object) -> None:
    row = {"state": '"XA"', "status": '"party"', "confidence": '"likely"', "source": '["s"]'}
    row[key] = json.dumps(value)
    body = "".join(f"{name} = {text}\n" for name, text in row.items())
    part = edited(TINY, append("treaty.toml", "\n[[party]]\n" + body))
    for problem in check_parts([part]):
        assert problem.file == "treaty.toml" or problem.file.startswith("instruments/")
        assert problem.fix


def test_only_a_preference_can_give_way_to_the_basis_that_names(built_in: PartFiles) -> None:
    part = edited(
        built_in, swap(ORDER, 'kind = "displaces"\n', 'kind = "displaces"\nunless_named = true\n')
    )
    assert faults(part)["law.unknown_value"].endswith("unless_named")
