# SPDX-License-Identifier: Apache-2.0
"""Answer a legal question from a pack: `assess(facts, pack, as_of)`.

Every candidate basis is returned with its status and the reasons for it:
usable, not usable (why), or undetermined (which fact is missing, which rules
clash). The engine knows no instrument and no state by name; all law is in the
pack. It never ranks two rules by itself, never fills a gap with a guess, and
never lets an unverified record alone make a basis usable. It advises: a person
decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from comity.errors import Invalid
from comity.law import contents, explain
from comity.law.answer import (
    NOT_USABLE,
    UNDETERMINED,
    USABLE,
    Assessment,
    Basis,
    LegalFacts,
)
from comity.law.contents import GivesWay
from comity.law.dual_criminality import dual_criminality
from comity.law.findings import (
    PackPart,
    Reason,
    Supplement,
    Words,
)
from comity.law.model import (
    Coverage,
    Declaration,
    Instrument,
)
from comity.law.order import Candidate, arrange, displace, exclude
from comity.law.origin import (
    Confidence,
    weakest,
)
from comity.law.pack import Pack, Part, Reach
from comity.law.predicates import Case, in_effect, in_scope, open_from
from comity.law.provision import Provision
from comity.law.reader import nearest
from comity.law.standing import Bound, between, of_instrument, of_state, one_sovereign
from comity.law.transfer import transfer
from comity.law.unrecorded import coverage_basis, unrecorded_treaties

_STATUS = {Bound.YES: USABLE, Bound.NO: NOT_USABLE, Bound.UNKNOWN: UNDETERMINED}
_OPEN_KINDS = frozenset({"global", "regional_open"})


def assess(*, facts: LegalFacts, pack: Pack, as_of: date) -> Assessment:
    """Return which bases there are between two states for a measure on a day, and why.

    Raises `Invalid` (`law.unknown_state`, `law.unknown_measure`,
    `law.unknown_offence`, `law.unknown_element`, `law.same_state`) naming the
    nearest valid names. A territory may be named with its own state (`NL-CW`).
    """
    facts = replace(
        facts,
        requesting=pack.state_named(facts.requesting),
        requested=pack.state_named(facts.requested),
    )
    check_facts(facts, pack)
    case = Case(facts, pack, as_of)
    ordered = judged(case)
    unrecorded = unrecorded_treaties(case)
    bases = [_basis(case, item, ordered, unrecorded) for item in ordered]
    at = sum(1 for basis in bases if basis.status != NOT_USABLE)
    bases[at:at] = [coverage_basis(case, item) for item in unrecorded]
    notes = [explain.after_the_pack(pack, as_of.isoformat())] if as_of > pack.as_of else []
    if not any(basis.status == USABLE for basis in bases) and not _two_sided(case):
        notes.append(explain.nothing_found(facts.requesting, facts.requested, pack))
    return Assessment(
        bases=tuple(bases),
        facts=facts,
        transfer=transfer(case, bases),
        notes=tuple(notes),
        checked=tuple(reach.instrument.id for reach in pack.reaching(facts.measure)),
        citations=_citations(case, bases),
        pack_name=pack.name,
        pack_version=pack.version,
        pack_digest=pack.digest,
        as_of=as_of,
        parts=tuple(
            PackPart(
                part.name,
                part.version,
                part.digest,
                part.signed_by,
                part.reason,
                part.as_of.isoformat(),
            )
            for part in pack.parts
        ),
    )


def _part(part: Part) -> PackPart:
    return PackPart(
        name=part.name,
        version=part.version,
        digest=part.digest,
        signed_by=part.signed_by,
        reason=part.reason,
        as_of=part.as_of.isoformat(),
    )


def check_facts(facts: LegalFacts, pack: Pack) -> None:
    """Refuse a question about states, measures, offences or elements that the pack lacks."""
    for code in (facts.requesting, facts.requested):
        if code not in pack.states:
            raise Invalid(
                "law.unknown_state",
                f"{code[:60]!r} is not a known state",
                hint=pack.hint_of_state(code),
            )
    _known("law.unknown_measure", "measure", facts.measure, pack.measures)
    for name in facts.offences:
        _known("law.unknown_offence", "offence", name, pack.offences)
    for name in (*facts.elements, *facts.absent):
        _known("law.unknown_element", "element", name, pack.elements)
    if facts.requesting == facts.requested:
        raise Invalid(
            "law.same_state",
            f"{facts.requesting} is both the requesting and the requested state",
            hint="Name two different states.",
        )
    both = sorted(facts.elements & facts.absent)
    if both:
        raise Invalid("law.contradictory_facts", f"{both[0]!r} is both shown and not shown")


def _known(code: str, what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise Invalid(code, f"{name[:60]!r} is not a known {what}", hint=nearest(name, known))


# --- candidates ------------------------------------------------------------------------------


def judged(case: Case) -> list[Candidate]:
    """Return the candidates of a question, judged and in order of preference.

    Candidates are the instruments whose lists speak of both states; if there is
    none, those open to all states, so that the answer can say why not.
    """
    reaches = _two_sided(case) or _open_to_both(case)
    found = [
        _judged(case, Candidate(reach, provision))
        for reach in reaches
        for provision in reach.provisions or (None,)
    ]
    displace(found, case.facts.measure, case.pack)
    return arrange(found, case.pack)


def _two_sided(case: Case) -> list[Reach]:
    return [
        reach
        for reach in case.pack.reaching(case.facts.measure)
        if reach.instrument.stands != "amends"
        and between(reach.instrument, case.facts.requesting, case.facts.requested, case.pack)
    ]


def _open_to_both(case: Case) -> list[Reach]:
    """Return the instruments open to all states; parts of one state cannot accede to meet."""
    if one_sovereign(case.facts.requesting, case.facts.requested, case.pack):
        return []
    return [
        reach
        for reach in case.pack.reaching(case.facts.measure)
        if reach.instrument.kind in _OPEN_KINDS and reach.instrument.stands != "amends"
    ]


def _judged(case: Case, item: Candidate) -> Candidate:
    instrument = item.instrument
    standing = of_instrument(instrument, case.on)
    item.judge(standing.bound, explain.instrument_standing(instrument, standing, case.on))
    for code in (case.facts.requesting, case.facts.requested):
        of = of_state(instrument, code, case.on, case.pack)
        item.judge(of.bound, explain.state_standing(instrument, code, of, case.on, case.pack))
    item.reasons.append(explain.reach(item.reach, case.facts.measure, case.pack))
    if item.provision is None:
        item.reasons.append(explain.contents_not_recorded(instrument))
    _judge_kind(case, item)
    exclude(item, case.facts.measure, case.pack)
    _judge_declarations(case, item)
    _judge_scope(case, item)
    return item


def _judge_kind(case: Case, item: Candidate) -> None:
    instrument = item.instrument
    if instrument.stands == "no_basis":
        item.judge(Bound.NO, explain.stands(instrument))
    elif instrument.stands in ("scheme", "with_unrecorded"):
        item.judge(Bound.UNKNOWN, explain.stands(instrument))
    elif instrument.stands == "with_parent" and instrument.supplements is not None:
        parent = case.pack.instruments[instrument.supplements]
        bound = contents.pair_binds(case, parent)
        if bound is not Bound.YES:
            item.judge(bound, explain.parent_not_bound(instrument, parent, bound))
    provision = item.provision
    if provision is not None and provision.origin.confidence is Confidence.UNVERIFIED:
        if item.reach.from_provision_only:
            item.judge(Bound.UNKNOWN, explain.unverified_only(instrument, provision.origin))
        else:
            item.reasons.append(explain.contents_unverified(instrument, provision.origin))


def _judge_declarations(case: Case, item: Candidate) -> None:
    """Apply reservations of either side to articles, and of the requested side to the measure."""
    both = (case.facts.requesting, case.facts.requested)
    for declaration in item.instrument.declarations:
        if declaration.state not in both or in_effect(declaration, case.on) is False:
            continue
        if declaration.effect == "excludes_articles" and _concerns(declaration.articles, item):
            line = explain.declared(
                declaration, case.pack, weight="against", code="law.article_excluded"
            )
            item.judge(Bound.NO, line)
        if (
            declaration.effect == "limits_measure"
            and declaration.state == case.facts.requested
            and case.facts.measure in declaration.measures
        ):
            _judge_limit(case, item, declaration)


def _judge_limit(case: Case, item: Candidate, declaration: Declaration) -> None:
    shown = [case.shows(name) for name in declaration.elements]
    bound = min(shown, default=Bound.UNKNOWN)
    weight = {Bound.YES: "for", Bound.NO: "against", Bound.UNKNOWN: "open"}[bound]
    item.missing += [
        name
        for name, known in zip(declaration.elements, shown, strict=True)
        if known is Bound.UNKNOWN
    ]
    line = explain.declared(declaration, case.pack, weight=weight, code="law.measure_limited")
    item.judge(bound, line)


def _concerns(articles: tuple[str, ...], item: Candidate) -> bool:
    if item.provision is None:
        return False
    first = item.provision.article.split(" ")[0].split("(")[0].rstrip(",;")
    return first in articles


def _judge_scope(case: Case, item: Candidate) -> None:
    if item.instrument.scope is not None:
        finding = in_scope(case, item.instrument, item.instrument.scope)
        item.judge(finding.bound, *finding.reasons)
        item.missing += finding.missing
    if item.provision is not None and item.provision.threshold is not None:
        finding = open_from(case, item.provision, item.provision.threshold)
        # A threshold of which the facts are not stated is a condition, not a doubt about the law.
        item.judge(Bound.NO if finding.bound is Bound.NO else Bound.YES, *finding.reasons)
        item.missing += finding.missing


# --- bases -----------------------------------------------------------------------------------


def _basis(
    case: Case, item: Candidate, others: list[Candidate], unrecorded: list[Coverage]
) -> Basis:
    """Return the basis of a candidate; what a request must hold only where it is not ruled out."""
    provision = item.provision
    basis = Basis(
        instrument=item.instrument.id,
        title=item.instrument.short,
        article=provision.article if provision else item.instrument.article,
        status=_STATUS[item.verdict],
        reasons=tuple(item.reasons),
        requires=(),
        clocks=(),
        dual_criminality=None,
        refusal_grounds=(),
        postponement=(),
        use_limits=(),
        confidentiality=(),
        channels=(),
        languages=(),
        confidence=_confidence(item),
        sources=_sources(item),
        measure=provision.measure if provision else item.reach.at,
        addressee=provision.addressee if provision else "state",
        contents_confidence=provision.origin.confidence if provision else None,
        missing=tuple(dict.fromkeys(item.missing)),
        equal_to=item.equal_to,
        note=(provision.note if provision else "") or item.instrument.note,
        provision=provision.id if provision else "",
    )
    if item.verdict is Bound.NO:
        return basis
    if provision is not None:
        gives_way = _gives_way(case, item, others, unrecorded)
        basis = _with_contents(case, item.instrument, provision, basis, gives_way)
    return replace(basis, supplements=_supplements(case, item.instrument))


def _with_contents(
    case: Case,
    instrument: Instrument,
    provision: Provision,
    basis: Basis,
    gives_way: tuple[GivesWay, ...],
) -> Basis:
    dual = dual_criminality(case, instrument, provision)
    missing = [*basis.missing, *(name for match in dual.offences for name in match.missing)]
    if dual.outcome == UNDETERMINED and not case.facts.offences:
        missing.append("offence")
    return replace(
        basis,
        reasons=(*basis.reasons, *(explain.by_rule(g.rule, weight="note") for g in gives_way)),
        requires=contents.requirements(case, provision),
        clocks=contents.clocks(provision),
        dual_criminality=dual,
        refusal_grounds=contents.grounds(case, provision, gives_way, dual),
        postponement=_postponement(provision, gives_way),
        use_limits=contents.words(case, provision.use_limits, gives_way),
        confidentiality=contents.words(case, provision.confidentiality, gives_way),
        channels=contents.channels(case, instrument, provision),
        languages=contents.languages(case, provision),
        state_rules=contents.state_rules(case, provision),
        missing=tuple(dict.fromkeys(missing)),
    )


def _postponement(provision: Provision, gives_way: tuple[GivesWay, ...]) -> tuple[Words, ...]:
    if not provision.postponement:
        return ()
    for way in gives_way:
        if any(f"{name}(" in provision.postponement for name in way.rule.articles):
            applies = "no" if way.bound is Bound.YES else "undetermined"
            because = explain.governed_by(way.to, way.rule.article, way.bound)
            return (Words(explain.in_words(provision.postponement), applies, because),)
    return (Words(explain.in_words(provision.postponement)),)


def _gives_way(
    case: Case, item: Candidate, others: list[Candidate], unrecorded: list[Coverage]
) -> tuple[GivesWay, ...]:
    """Return the subsidiary articles of this basis that give way to another treaty."""
    result = []
    for rule in case.pack.rules:
        if rule.kind != "subsidiary" or not rule.first.matches(item.instrument):
            continue
        found = [
            (other.verdict, explain.the(other.instrument, start=True))
            for other in others
            if rule.then.matches(other.instrument) and other.verdict is not Bound.NO
        ]
        found += [(Bound.UNKNOWN, explain.sentence(c.text)[:-1]) for c in unrecorded]
        if found:
            bound, name = max(found, key=lambda pair: pair[0])
            result.append(GivesWay(rule, bound, name))
    return tuple(result)


def _confidence(item: Candidate) -> Confidence:
    """The weakest record on which the status rests: those that speak for or against it."""
    weights = ("for",) if item.verdict is Bound.YES else ("for", "against", "open")
    return weakest(
        *(reason.confidence for reason in item.reasons if reason.weight in weights),
        Confidence.VERIFIED,
    )


def _sources(item: Candidate) -> tuple[str, ...]:
    names = [name for reason in item.reasons for name in reason.source]
    if item.provision is not None:
        names += item.provision.origin.sources
    return tuple(dict.fromkeys(names))


def _supplements(case: Case, instrument: Instrument) -> tuple[Supplement, ...]:
    return tuple(
        Supplement(
            other.id, other.short, contents.BINDS[contents.pair_binds(case, other)], other.role
        )
        for other in case.pack.supplementing(instrument.id)
    )


def _citations(case: Case, bases: list[Basis]) -> tuple[Reason, ...]:
    """Return what the answer as a whole rests on: the first citation of each basis.

    Between the parts of one state there may be no candidate; the rule that says so is cited.
    """
    if not bases and one_sovereign(case.facts.requesting, case.facts.requested, case.pack):
        return explain.between_parts(case.pack)
    return tuple(basis.reasons[0] for basis in bases if basis.reasons)
