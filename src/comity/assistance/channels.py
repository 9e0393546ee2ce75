# SPDX-License-Identifier: Apache-2.0
"""Who may send a request to whom: the channels of its basis, held against two authorities.

A lawful request must never be impossible to send. So something is said only where the law
pack leaves no doubt: its record of the basis is verified, no other treaty takes the place of
the articles on channels (as article 27(1) of the Budapest Convention says of article 27), and
every channel recorded is known here, does not run through others, and is closed for these two.
Otherwise nothing is said: the page of the law shows the channels, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from comity.assistance.facts import BasisFacts, ChannelFacts, Situation
from comity.assistance.model import Kind, Urgency
from comity.authorities.model import Role
from comity.workflow.sentence import Sentence


@dataclass(frozen=True)
class Way:
    """Which roles a channel runs between, as widely as its article can be read."""

    senders: frozenset[Role]
    recipients: frozenset[Role]
    urgent_only: bool = False


_CENTRAL: Final = frozenset({Role.CENTRAL})
#: A central authority may be the one that is competent, and take part in what runs directly
#: (Convention of 29 May 2000, art. 6(2); Directive 2014/41/EU, art. 7(3)).
_COMPETENT: Final = frozenset({Role.COMPETENT, Role.CENTRAL})
_ASKING: Final = frozenset({Role.COMPETENT, Role.CENTRAL, Role.CONTACT_24_7})

_BETWEEN_CENTRAL: Final = Way(_CENTRAL, _CENTRAL)
_DIRECT: Final = Way(_COMPETENT, _COMPETENT)
#: Article 35 does not say who may turn to a 24/7 point; it works with its central authority.
_TO_THE_POINT: Final = Way(_ASKING, frozenset({Role.CONTACT_24_7, Role.CENTRAL}))

#: Who uses a channel, by its id in the law pack.
WAYS: Final = MappingProxyType(
    {
        "24_7_contact": _TO_THE_POINT,
        "central_authority": _BETWEEN_CENTRAL,
        "central_authority_administrative": _DIRECT,
        "central_bodies_and_declared_territorial_bodies": _DIRECT,
        "ministry_of_justice": _BETWEEN_CENTRAL,
        "competent_authorities": Way(_ASKING, _ASKING),
        "direct_authority": _DIRECT,
        "direct_between_authorities": _DIRECT,
        "direct_between_judicial_authorities": _DIRECT,
        "direct_judicial": _DIRECT,
        "direct_non_coercive": _DIRECT,
        "urgent_direct": Way(_ASKING, _COMPETENT, urgent_only=True),
        "urgent_direct_judicial_with_copy": Way(_COMPETENT, _COMPETENT, urgent_only=True),
    }
)
#: Channels that two nodes cannot use: they run through others, or say by which means one
#: writes and not who writes to whom. Whatever stands in neither list leaves a doubt.
NOT_BETWEEN_NODES: Final = frozenset(
    {
        "diplomatic",
        "diplomatic_if_required",
        "diplomatic_if_wished",
        "interpol",
        "interpol_urgent",
        "urgent_interpol_or_aseanapol",
        "direct_to_provider",
        "direct_to_provider_designated_establishment",
        "direct_to_registrar",
        "designated_authority_to_provider",
        "none_unilateral",
        "post_direct",
        "post_telegraph",
        "sis_alert",
        "decentralised_it_system",
        "ejn_secure",
        "electronic",
        "electronic_encouraged",
        "expedited_electronic_25_3",
    }
)
_BUDAPEST: Final = "coe_185"


def reasons_against_channel(situation: Situation) -> Iterator[str]:
    """Say why the two authorities may not exchange this request; nothing if they may."""
    basis, own, other = situation.basis, situation.own_roles, situation.peer_roles
    if basis is None or own is None or other is None or not _certain(basis):
        return
    if Role.CENTRAL in own & other:
        return  # what binds both states, their central authorities may tell each other
    known = [(one, WAYS[one.code]) for one in basis.channels if one.code in WAYS]
    urgent = _urgent(situation)
    if not known or any(_leads(*one, own, other, urgent=urgent) for one in known):
        return
    ours = [one for one in known if _joins(one[1], own, other)]
    yield from _explain(basis, ours)


def _certain(basis: BasisFacts) -> bool:
    recorded = all(one.code in WAYS or one.code in NOT_BETWEEN_NODES for one in basis.channels)
    return basis.verified and not basis.displaced and recorded


def _urgent(situation: Situation) -> bool:
    """A preservation always is: without it the data would be lost."""
    content = situation.request.content
    return content.kind is Kind.PRESERVATION or content.urgency is Urgency.URGENT


def _joins(way: Way, own: frozenset[Role], other: frozenset[Role]) -> bool:
    return bool(way.senders & own) and bool(way.recipients & other)


def _leads(
    channel: ChannelFacts, way: Way, own: frozenset[Role], other: frozenset[Role], *, urgent: bool
) -> bool:
    if channel.open == "no":
        # What a declaration closes goes to the central authority instead (27(9)(e)).
        return Role.COMPETENT in way.recipients and _joins(Way(way.senders, _CENTRAL), own, other)
    hurried = channel.open == "urgent_only" or way.urgent_only
    return (urgent or not hurried) and _joins(way, own, other)


def _explain(basis: BasisFacts, ours: list[tuple[ChannelFacts, Way]]) -> Iterator[str]:
    budapest = basis.instrument == _BUDAPEST
    if any(channel.open == "no" for channel, _ in ours):
        yield (
            Sentence(
                "The requested state has closed the direct channel; such a request goes to its "
                "central authority ({instrument}, art. {article})",
                instrument=basis.title,
                article="27(9)(e)",
            )
            if budapest
            else Sentence("The channel between these authorities is closed")
        )
    elif ours:
        yield Sentence(
            "These authorities address each other directly in urgent cases only; otherwise "
            "the central authorities do ({instrument}, art. {article})",
            instrument=basis.title,
            article="27(9)(a)" if budapest else basis.article,
        )
    else:
        yield Sentence(
            "These two authorities have no role in which they send and answer such a request "
            "to one another ({instrument}, art. {article})",
            instrument=basis.title,
            article="27(2)" if budapest else basis.article,
        )
