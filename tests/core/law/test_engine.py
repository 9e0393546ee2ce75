# SPDX-License-Identifier: Apache-2.0
"""Single questions about the engine: what it refuses, cites, ranks, and leaves open."""

from __future__ import annotations

import ast
import json
from datetime import date
from pathlib import Path

import pytest

from comity.errors import Invalid
from comity.law import Assessment, LegalFacts, assess
from comity.law.explain import in_words
from comity.law.load import PartFiles, load_parts
from comity.law.matrix import matrix
from comity.law.origin import Confidence
from comity.law.pack import Pack
from support.law_packs import append, edited, overlay, swap

from .conftest import DAY


def ask(
    pack: Pack,
    requesting: str,
    requested: str,
    measure: str,
    *offences: str,
    on: date = DAY,
    **facts: object,
) -> Assessment:
    given = LegalFacts(requesting, requested, measure, offences, **facts)  # type: ignore[arg-type]
    return assess(facts=given, pack=pack, as_of=on)


def usable(answer: Assessment) -> list[str]:
    return [basis.instrument for basis in answer.usable]


@pytest.mark.parametrize(
    ("facts", "code", "hint"),
    [
        (("DE", "JX", "stored_content"), "law.unknown_state", "such as DE"),
        (("Germany", "JP", "stored_content"), "law.unknown_state", "Germany is DE"),
        (("DE", "JP", "stored_contents"), "law.unknown_measure", "stored_content"),
        (
            ("DE", "JP", "stored_content", ("illegal_acces",)),
            "law.unknown_offence",
            "illegal_access",
        ),
        (("DE", "DE", "stored_content"), "law.same_state", "different"),
        (
            ("DE", "JP", "stored_content", (), frozenset({"transnatonal"})),
            "law.unknown_element",
            "transnational",
        ),
    ],
)
def test_what_the_pack_does_not_know_is_refused_with_the_nearest_name(
    pack: Pack, facts: tuple[object, ...], code: str, hint: str
) -> None:
    with pytest.raises(Invalid) as caught:
        assess(facts=LegalFacts(*facts), pack=pack, as_of=DAY)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_facts_cannot_contradict_themselves(pack: Pack) -> None:
    with pytest.raises(Invalid) as caught:
        ask(
            pack,
            "DE",
            "JP",
            "stored_content",
            elements=frozenset({"transnational"}),
            absent=frozenset({"transnational"}),
        )
    assert caught.value.code == "law.contradictory_facts"


def test_the_answer_names_its_pack(pack: Pack) -> None:
    answer = ask(pack, "DE", "JP", "stored_content").to_json()
    assert answer["pack"] == {
        "name": "comity-law",
        "version": pack.version,
        "digest": pack.digest,
        "parts": [
            {
                "name": "comity-law",
                "version": pack.version,
                "digest": pack.digest,
                "signed_by": "",
                "reason": "the built-in law",
                "as_of": "2026-11-21",
            }
        ],
    }
    assert answer["as_of"] == "2026-11-21"


def test_the_json_has_its_documented_members(pack: Pack) -> None:
    answer = json.loads(json.dumps(ask(pack, "DE", "JP", "stored_content").to_json()))
    assert answer["format"] == "comity.law.answer/1"
    assert answer["usable"] == ["eu_jp_mla_2009", "coe_185"]
    assert set(answer) >= {"usable", "bases", "transfer", "pack", "as_of", "facts"}
    for basis in answer["bases"]:
        assert set(basis) >= {
            "instrument",
            "article",
            "status",
            "reasons",
            "requires",
            "clocks",
            "dual_criminality",
            "refusal_grounds",
            "use_limits",
            "channels",
            "languages",
            "confidence",
            "sources",
        }


def test_facts_survive_json() -> None:
    facts = LegalFacts(
        "DE",
        "JP",
        "stored_content",
        ("illegal_access",),
        frozenset({"urgent"}),
        36,
        frozenset({"transnational"}),
    )
    assert LegalFacts.from_json(facts.to_json()) == facts
    with pytest.raises(Invalid):
        LegalFacts.from_json({"requesting": 7})


def test_unverified_alone_never_makes_a_basis_usable(built_in: PartFiles) -> None:
    party = (
        'for_instrument = "coe_185"\n[[party]]\nstate = "NZ"\nreplaces = "coe_185/party/NZ"\n'
        'reason = "a blog says so"\nstatus = "party"\nin_force = "2025-12-01"\n'
        'confidence = "unverified"\nsource = ["recall"]\n'
    )
    pack = load_parts([built_in, overlay(nz=party)])
    answer = ask(pack, "DE", "NZ", "expedited_preservation")
    assert usable(answer) == []
    assert answer.bases[0].status == "undetermined"
    likely = load_parts([built_in, overlay(nz=party.replace("unverified", "likely"))])
    answer = ask(likely, "DE", "NZ", "expedited_preservation")
    assert usable(answer) == ["coe_185"]
    assert answer.bases[0].confidence is Confidence.LIKELY
    assert "a blog says so" in json.dumps(answer.to_json())


def test_what_is_unverified_is_said_to_be(pack: Pack) -> None:
    basis = ask(pack, "CA", "US", "general_mla").usable[0]
    assert basis.instrument == "us_ca_mlat"  # the bilateral treaty goes before the regional one
    assert basis.confidence is Confidence.VERIFIED
    assert basis.contents_confidence is Confidence.UNVERIFIED
    assert any(reason.code == "law.contents_unverified" for reason in basis.reasons)
    assert {requirement.confidence for requirement in basis.requires} == {Confidence.UNVERIFIED}


CLASH = """
[[rule]]
id = "the-other-way-round"
kind = "before"
first = { instruments = ["coe_185"] }
then = { instruments = ["eu_jp_mla_2009"] }
article = "x"
text = "The Convention goes first."
confidence = "verified"
source = ["bwb_185"]
"""


def test_rules_that_clash_leave_it_open_and_are_named(built_in: PartFiles) -> None:
    pack = load_parts([built_in, overlay(clash=CLASH)])
    answer = ask(pack, "DE", "JP", "stored_content")
    assert usable(answer) == []
    clashing = {basis.instrument: basis for basis in answer.bases if basis.status == "undetermined"}
    for name in ("eu_jp_mla_2009", "coe_185"):
        codes = {reason.code for reason in clashing[name].reasons}
        assert {"law.before:the-other-way-round", "law.before:mla-treaty-before-coe_185"} <= codes


def test_without_a_rule_there_is_no_rank(built_in: PartFiles) -> None:
    silent = edited(built_in, lambda files: files.pop("rules/order.toml"))
    answer = ask(load_parts([silent]), "DE", "JP", "stored_content")
    assert {basis.instrument: basis.equal_to for basis in answer.usable} == {
        "coe_185": ("eu_jp_mla_2009",),
        "eu_jp_mla_2009": ("coe_185",),
    }


def test_no_subsidiarity_without_its_rule(built_in: PartFiles) -> None:
    silent = edited(built_in, lambda files: files.pop("rules/order.toml"))
    answer = ask(load_parts([silent]), "DE", "JP", "stored_content")
    grounds = {
        g.code: g.applies
        for b in answer.usable
        if b.instrument == "coe_185"
        for g in b.refusal_grounds
    }
    assert grounds["political"] == "yes"


def test_the_engine_knows_no_instrument_and_no_state_by_name(pack: Pack) -> None:
    root = Path(__file__).resolve().parents[3] / "src" / "comity" / "law"
    states = {name for name in pack.states if len(name) == 2}
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text())
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not texts & set(pack.instruments), path
        assert not texts & states, path


def test_two_states_on_one_side_of_an_agreement_owe_nothing_under_it(pack: Pack) -> None:
    answer = ask(pack, "DE", "FR", "general_mla")
    named = {basis.instrument for basis in answer.bases}
    assert not named & {"eu_us_mla_2003", "eu_jp_mla_2009", "eu_uk_tca", "eu_is_no_mla"}
    assert "eu_is_no_mla" in {
        basis.instrument for basis in ask(pack, "DE", "IS", "general_mla").bases
    }
    assert "eu_is_no_mla" not in {b.instrument for b in ask(pack, "IS", "NO", "general_mla").bases}


def test_beyond_the_pack_s_date_it_says_so(pack: Pack) -> None:
    assert ask(pack, "DE", "JP", "stored_content").notes == ()
    assert "2026-11-21" in ask(pack, "DE", "JP", "stored_content", on=date(2027, 1, 1)).notes[0]


def test_a_state_s_own_rules_are_shown_and_required(built_in: PartFiles) -> None:
    rules = (
        'state = "US"\n[[practice]]\ntopic = "required_facts"\n'
        'text = "content needs probable cause"\nfields = ["suspicion_grounds"]\n'
        'measures = ["stored_content"]\narticle = "4th Amendment"\nconfidence = "verified"\n'
        'source = ["inl_mlats_2015"]\n[[practice]]\ntopic = "languages"\ntext = "English"\n'
        'languages = ["en"]\nfrom = "2020-01-01"\nconfidence = "verified"\n'
        'source = ["inl_mlats_2015"]\n'
    )
    pack = load_parts([built_in, overlay(us=rules)])
    basis = ask(pack, "DE", "US", "stored_content").usable[0]
    assert [(r.field, r.basis, r.article) for r in basis.requires][-1] == (
        "suspicion_grounds",
        "state",
        "4th Amendment",
    )
    assert [rule.topic for rule in basis.state_rules] == ["required_facts", "languages"]
    assert basis.languages[0].accepted == ("en",)
    other = ask(pack, "DE", "US", "witness_testimony").usable[0]
    assert "suspicion_grounds" not in {r.field for r in other.requires}
    earlier = ask(pack, "DE", "US", "stored_content", on=date(2019, 1, 1)).usable[0]
    assert [rule.topic for rule in earlier.state_rules] == ["required_facts"]


def test_a_state_s_channels_and_thresholds_bear_on_the_answer(built_in: PartFiles) -> None:
    rules = (
        'state = "JP"\n[[practice]]\ntopic = "channels"\ntext = "central authority only"\n'
        'channels = ["central_authority"]\nconfidence = "verified"\nsource = ["coe_decl_jp"]\n'
        '[[practice]]\ntopic = "threshold"\ntext = "offences of at least two years"\nmonths = 24\n'
        'confidence = "verified"\nsource = ["coe_decl_jp"]\n'
    )
    pack = load_parts([built_in, overlay(jp=rules)])
    basis = ask(pack, "SN", "JP", "stored_content", maximum_months=12).usable[0]
    assert {channel.code: channel.open for channel in basis.channels}["central_authority"] == "yes"
    assert {channel.code: channel.open for channel in basis.channels}["interpol"] == "undetermined"
    assert [rule.outcome for rule in basis.state_rules] == ["", "not_met"]
    enough = ask(pack, "SN", "JP", "stored_content", maximum_months=24).usable[0]
    assert [rule.outcome for rule in enough.state_rules] == ["", "met"]


def test_a_line_names_the_facts_that_it_looked_at(pack: Pack) -> None:
    answer = ask(pack, "KE", "IN", "general_mla", "computer_fraud", maximum_months=120)
    scope = next(
        reason
        for basis in answer.bases
        for reason in basis.reasons
        if reason.code == "law.scope" and basis.instrument == "un_toc"
    )
    assert scope.facts == (
        "offences=computer_fraud",
        "maximum_months=120",
        "transnational=not stated",
        "organised_criminal_group=not stated",
    )
    standing = [r for b in answer.bases for r in b.reasons if r.code == "law.everybody_except"]
    assert ("state=KE", "as_of=2026-11-21") in [reason.facts for reason in standing]


def test_each_part_of_a_request_names_the_paragraph_that_asks_for_it(pack: Pack) -> None:
    basis = ask(pack, "DE", "JP", "expedited_preservation").usable[0]
    places = {requirement.field: requirement.article for requirement in basis.requires}
    assert places["necessity"] == "29(2)(e)"
    assert places["custodian_location"] == "29(2)(d)"


def test_languages_are_not_assumed(pack: Pack) -> None:
    basis = ask(pack, "DE", "JP", "stored_content").usable[1]
    assert [language.rule for language in basis.languages] == ["instrument", "not_established"]


def test_the_texts_of_the_un_convention_have_their_real_numbers(pack: Pack) -> None:
    concordance = pack.offences["illegal_access"].under("un_cc")
    assert concordance is not None
    assert concordance.articles == ("7",)
    provision = pack.instruments["un_cc"].provisions["expedited_preservation"][0]
    assert provision.article == "42"


def test_no_source_is_one_of_those_known_to_be_wrong(pack: Pack) -> None:
    for source in pack.sources.values():
        if "Ansvar" in source.url or "Ansvar" in source.title:
            cited = {
                record.origin.record
                for instrument in pack.instruments.values()
                for rows in instrument.provisions.values()
                for record in rows
                if source.id in record.origin.sources
            }
            assert cited == set()


def test_an_instrument_without_a_record_for_the_measure_says_to_read_it(pack: Pack) -> None:
    basis = ask(pack, "IE", "US", "subscriber_info").usable[0]
    assert basis.requires == ()
    assert any("read the instrument" in reason.text for reason in basis.reasons)


def test_a_treaty_between_two_states_and_no_other_binds_only_them(pack: Pack) -> None:
    for state in ("FR", "MX", "GB"):
        named = {b.instrument for b in ask(pack, state, "CA", "general_mla").bases}
        assert "us_ca_mlat" not in named


def test_a_protocol_without_its_convention_is_no_basis(built_in: PartFiles) -> None:
    part = edited(
        built_in,
        swap(
            "instruments/coe_030.toml",
            'state = "CH"\nstatus = "party"',
            'state = "CH"\nstatus = "not_party"',
        ),
    )
    basis = next(
        b
        for b in ask(load_parts([part]), "DE", "CH", "video_hearing").bases
        if b.instrument == "coe_182"
    )
    assert basis.status == "not_usable"
    assert any(reason.code == "law.parent_not_bound" for reason in basis.reasons)


def test_withdrawal_ends_it(built_in: PartFiles) -> None:
    part = edited(
        built_in,
        append(
            "instruments/withdrawn.toml",
            'for_instrument = "coe_185"\n[[party]]\nreplaces = "coe_185/party/JP"\n'
            'reason = "a test"\nstate = "JP"\nstatus = "party"\nin_force = "2012-11-01"\n'
            'until = "2020-01-01"\nconfidence = "verified"\nsource = ["bwb_185"]\n',
        ),
    )
    pack = load_parts([part])
    assert usable(ask(pack, "DE", "JP", "expedited_preservation", on=date(2019, 12, 31))) == [
        "coe_185"
    ]
    assert usable(ask(pack, "DE", "JP", "expedited_preservation", on=date(2020, 1, 1))) == []


def with_second_protocol(built_in: PartFiles) -> Pack:
    """The law as it would be with the Second Additional Protocol in force for HU, JP and RS."""

    def edit(files: dict[str, bytes]) -> None:
        text = files["instruments/coe_224.toml"].decode()
        text = text.replace(
            'in_force_state = "not_in_force"',
            'in_force = "2026-03-01"\nin_force_state = "in_force"',
        ).replace('status = "consent_expressed"', 'status = "party"\nin_force = "2026-03-01"')
        files["instruments/coe_224.toml"] = text.encode()

    return load_parts([edited(built_in, edit)])


def test_an_order_to_a_provider_raises_its_own_data_protection_questions(
    built_in: PartFiles,
) -> None:
    pack = with_second_protocol(built_in)
    answer = ask(pack, "HU", "RS", "subscriber_info")
    direct, through_state = (b for b in answer.usable if b.instrument == "coe_224")
    if direct.addressee != "provider":
        direct, through_state = through_state, direct
    assert (direct.addressee, through_state.addressee) == ("provider", "state")
    assert {clock.id: clock.period for clock in direct.clocks} == {"provider_answers": "P30D"}
    assert "dom_legal_grounds" in {r.field for r in direct.requires if r.required}
    grounds = {finding.ground for finding in answer.transfer.findings}
    assert {"led_direct_private", "coe_224_art14"} <= grounds
    other_way = ask(pack, "RS", "HU", "subscriber_info").transfer
    assert "gdpr_foreign_orders" in {finding.ground for finding in other_way.findings}


@pytest.mark.parametrize(
    ("question", "status", "there", "not_there"),
    [
        ("US DE general_mla 2015-01-01", "grounds", ("eu_us_mla_art9",), ("eu_us_umbrella",)),
        ("US DE general_mla 2017-01-31", "grounds", ("eu_us_mla_art9",), ("eu_us_umbrella",)),
        ("US DE general_mla 2017-02-01", "grounds", ("eu_us_umbrella",), ("led_general",)),
        ("US DE general_mla 2026-11-21", "grounds", ("eu_us_umbrella", "led_general"), ()),
        ("GB DE general_mla 1975-01-01", "not_established", (), ("led_general",)),
        ("US DE general_mla 2018-05-05", "grounds", (), ("led_general",)),
        ("US DE general_mla 2018-05-06", "grounds", ("led_general",), ()),
        ("GB DE general_mla 2019-06-01", "within_regime", (), ("led_general",)),
        ("GB DE general_mla 2020-12-31", "within_regime", (), ("led_general",)),
        ("GB DE general_mla 2021-01-01", "grounds", ("led_general",), ("led_adequacy",)),
        ("DE GB general_mla 2019-06-01", "within_regime", (), ("uk_dpa_part3",)),
        ("DE GB general_mla 2026-11-21", "grounds", ("uk_dpa_part3",), ("led_general",)),
        ("DE FR stored_content 2026-11-21", "within_regime", (), ("led_direct_private",)),
    ],
)
def test_a_ground_of_transfer_begins_and_ends_with_its_regime(
    pack: Pack,
    question: str,
    status: str,
    there: tuple[str, ...],
    not_there: tuple[str, ...],
) -> None:
    asking, asked, measure, day = question.split()
    facts = LegalFacts(asking, asked, measure)
    answer = assess(facts=facts, pack=pack, as_of=date.fromisoformat(day))
    grounds = {item.ground for item in answer.transfer.findings}
    assert grounds >= set(there)
    assert not grounds & set(not_there)
    assert answer.transfer.status == status


@pytest.mark.parametrize(
    ("pair", "day", "words"),
    [
        ("IN TR", "1980-01-01", None),
        ("IN KZ", "1985-01-01", None),
        ("IN TR", "1993-06-01", "since 1993, on a day of that time that is not recorded"),
        ("IN TR", "1994-01-01", "(since 1993; list of 2019)"),
        ("US TT", "1960-01-01", "whether on this day, is not recorded"),
        ("US TT", "2020-01-01", "(list of 2015)"),
    ],
)
def test_a_treaty_that_only_a_list_knows_begins_when_the_list_says(
    pack: Pack, pair: str, day: str, words: str | None
) -> None:
    first, second = pair.split()
    facts = LegalFacts(first, second, "general_mla")
    on = date.fromisoformat(day)
    answer = assess(facts=facts, pack=pack, as_of=on)
    told = [line for basis in answer.bases for line in basis.reasons]
    told = [line for line in told if line.code == "law.treaty_not_recorded"]
    assert bool(told) == (words is not None)
    if words is not None:
        assert words in told[0].text
    cell = matrix(facts=facts, pack=pack, as_of=on, states=[first, second]).cells[(first, second)]
    assert set(cell.undetermined) == {basis.instrument for basis in answer.undetermined}


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("13", "see article 13; not summarised here"),
        ("10(5)?", "see article 10(5) (the paragraph is not certain); not summarised here"),
        (
            "10(5)? / 13",
            "see article 10(5) / 13 (the paragraph is not certain); not summarised here",
        ),
        ("8, 7", "see article 8, 7; not summarised here"),
        ("as 40", "see article 40; not summarised here"),
        ("coe_182 art 25", "see coe_182 art 25; not summarised here"),
        ("speciality: 14; re-extradition: 15", "speciality: 14; re-extradition: 15"),
        ("GDPR and LED apply", "GDPR and LED apply"),
        ("", ""),
    ],
)
def test_a_bare_number_is_not_taken_for_a_rule(kept: str, said: str) -> None:
    assert in_words(kept) == said


@pytest.mark.parametrize("measure", ["general_mla", "stored_content", "extradition", "jit"])
def test_no_officer_reads_a_bare_number_as_a_rule(pack: Pack, measure: str) -> None:
    for requested in ("FR", "DK", "US", "JP", "GB", "IN"):
        answer = assess(facts=LegalFacts("DE", requested, measure), pack=pack, as_of=DAY)
        for basis in answer.bases:
            lines = (*basis.use_limits, *basis.confidentiality, *basis.postponement)
            texts = [line.text for line in (*lines, *basis.languages)]
            assert not [text for text in texts if not any(map(str.isalpha, text))], basis.instrument


def test_a_reserved_article_is_closed_and_the_other_stays_open(built_in: PartFiles) -> None:
    answer = ask(with_second_protocol(built_in), "HU", "JP", "subscriber_info")
    by_article = {b.article[0]: b.status for b in answer.bases if b.instrument == "coe_224"}
    assert by_article == {"7": "not_usable", "8": "usable"}
    closed = next(b for b in answer.bases if b.article.startswith("7"))
    assert any(reason.code == "law.article_excluded" for reason in closed.reasons)
