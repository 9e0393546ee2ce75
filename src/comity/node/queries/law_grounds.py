# SPDX-License-Identifier: Apache-2.0
"""What an answer of the law rests on: the sources that it names, and the law that was read."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from comity.law.answer import Assessment
from comity.law.model import Source
from comity.node.queries.law_pack import pack_of_page
from comity.node.queries.law_views import Grounds, PackStamp


def grounds_of(advice: Any) -> Grounds:
    """Return what an answer rests on that was kept with a request.

    An answer of a pack that is gone is known only by its stored words; it has the same names,
    and its grounds of transfer as `grounds`.
    """
    if isinstance(advice, Assessment):
        stamp = PackStamp(
            advice.pack_name, advice.pack_version, advice.pack_digest, None, advice.parts
        )
        return Grounds(advice.transfer, sources_of(advice.to_json()), stamp)
    pack, transfer = advice.pack, advice.transfer
    transfer.findings = transfer.grounds
    stamp = PackStamp(pack.name, pack.version, pack.digest, None, pack.parts)
    return Grounds(transfer, sources_of(_plain(advice)), stamp)


def _plain(value: Any) -> object:
    """Return a stored answer as the lists and objects of its JSON again."""
    if isinstance(value, SimpleNamespace):
        return {name: _plain(item) for name, item in vars(value).items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def sources_of(answer: object) -> tuple[Source, ...]:
    """Return the sources that an answer in JSON names, in the order in which they appear."""
    pack = pack_of_page()
    names = dict.fromkeys(_named_sources(answer))
    return tuple(pack.sources[name] for name in names if name in pack.sources)


def _named_sources(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"source", "sources"} and isinstance(item, list):
                yield from (one for one in item if isinstance(one, str))
            else:
                yield from _named_sources(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named_sources(item)
