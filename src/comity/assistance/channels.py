# SPDX-License-Identifier: Apache-2.0
"""Who may send a request to whom: the channels of its basis, held against two authorities.

The law pack names the channels of a provision and says which of them a declaration has
closed (as article 27(9)(e) of the Budapest Convention lets a state close the direct one).
Here stands only which of an authority's roles a channel runs between. A channel that
runs through others (INTERPOL, diplomats, a provider) is none that two nodes can use; of
a basis whose channels are not recorded nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from comity.assistance.facts import BasisFacts, ChannelFacts, Situation
from comity.assistance.model import Urgency
from comity.authorities.model import Role
from comity.workflow.sentence import Sentence

#: The role that both ends of a channel have, by the channel's id in the law pack.
RUNS_BETWEEN: Final = MappingProxyType(
    {
        "24_7_contact": Role.CONTACT_24_7,
        "24_7_availability_10_4": Role.CONTACT_24_7,
        "central_authority": Role.CENTRAL,
        "central_authority_administrative": Role.CENTRAL,
        "central_bodies_and_declared_territorial_bodies": Role.CENTRAL,
        "ministry_of_justice": Role.CENTRAL,
        "competent_authorities": Role.COMPETENT,
        "direct_authority": Role.COMPETENT,
        "direct_between_authorities": Role.COMPETENT,
        "direct_between_judicial_authorities": Role.COMPETENT,
        "direct_judicial": Role.COMPETENT,
        "urgent_direct": Role.COMPETENT,
        "urgent_direct_judicial_with_copy": Role.COMPETENT,
    }
)
#: Those that are open in urgent cases only, whatever else is said of them.
IN_URGENT_CASES: Final = frozenset({"urgent_direct", "urgent_direct_judicial_with_copy"})
_BUDAPEST: Final = "coe_185"


def reasons_against_channel(situation: Situation) -> Iterator[str]:
    """Say why the two authorities may not exchange this request; nothing if they may."""
    basis, own, other = situation.basis, situation.own_roles, situation.peer_roles
    if basis is None or own is None or other is None:
        return
    known = [one for one in basis.channels if one.code in RUNS_BETWEEN]
    urgent = situation.request.content.urgency is Urgency.URGENT
    open_to = frozenset(RUNS_BETWEEN[one.code] for one in known if _usable(one, urgent=urgent))
    if not known or _may_meet(own, other, open_to):
        return
    ours = [one for one in known if RUNS_BETWEEN[one.code] in own & other]
    yield from _explain(basis, ours, urgent=urgent)


def _may_meet(own: frozenset[Role], other: frozenset[Role], open_to: frozenset[Role]) -> bool:
    """Tell whether both have a role that an open channel runs between.

    A central authority and a 24/7 point may turn to each other where both are open;
    directly, a judicial authority turns to a judicial authority and to no other.
    """
    if Role.COMPETENT in own & other & open_to:
        return True
    designated = open_to - {Role.COMPETENT}
    return bool(own & designated) and bool(other & designated)


def _usable(channel: ChannelFacts, *, urgent: bool) -> bool:
    hurried = channel.open == "urgent_only" or channel.code in IN_URGENT_CASES
    return channel.open != "no" and (urgent or not hurried)


def _explain(basis: BasisFacts, ours: list[ChannelFacts], *, urgent: bool) -> Iterator[str]:
    budapest = basis.instrument == _BUDAPEST
    if any(one.open == "no" for one in ours):
        yield (
            Sentence(
                "The requested state has closed the direct channel; the central authorities "
                "send and answer this request ({instrument}, art. {article})",
                instrument=basis.title,
                article="27(9)(e)",
            )
            if budapest
            else Sentence("The requested state has closed the channel between these authorities")
        )
    elif ours and not urgent:
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
