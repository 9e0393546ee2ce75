# SPDX-License-Identifier: Apache-2.0
"""The steps of delivery: send what is queued, open what has come, take it in order.

Each step may be cut off anywhere and is simply taken again. A peer that cannot
be reached costs others nothing and itself a growing pause (`lines`); a parcel that a peer will not
take waits by itself and holds up no other case. Large packages have a lane of
their own, so that no image delays a word.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import F, Q

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.crypto import envelope
from comity.errors import ComityError, Unavailable
from comity.node.services import inbox, outbox
from comity.node.services._parcels import prepare
from comity.node.store.delivery_storage import (
    FOLDER,
    STALE,
    incoming_parts,
    listed_parts,
    part_folders,
)
from comity.node.store.models import (
    DispatchRow,
    LineRow,
    ParcelInRow,
    ParcelOutRow,
    PartInRow,
    PeerRow,
    ReceiptRow,
)
from comity.node.wire.callers import forget_nonces
from comity.node.wire.client import PeerLine
from comity.node.worker.lines import Visits, on_lines, open_line
from comity.protocol import parcel
from comity.protocol.delivery import (
    AWAITING,
    OPEN,
    UNDELIVERED,
    Delivery,
    Waiting,
    choose,
    pause,
)
from comity.protocol.parcel import Content, Priority
from comity.protocol.parts import read_part_list
from comity.protocol.receiving import Arrival
from comity.protocol.sending import transfer

_log = logging.getLogger("comity.delivery")

#: Every peer is asked this often whether something waits there: its way to us may be blocked.
ASK_AFTER: Final = timedelta(minutes=10)
#: Entries sent to one peer before the next peer gets its turn.
_MOST_ENTRIES: Final = 20
_STATEMENTS: Final = Visits()
_PACKAGES: Final = Visits()
_RECEIPTS: Final = Visits()
_QUESTIONS: Final = Visits()
_MENDING: Final = Visits()
#: Pages of waiting parcels read at one visit.
_MOST_ROUNDS: Final = 16
_LOTS: Final = secrets.SystemRandom()


def open_statements(now: Instant) -> int:
    """Open statement parcels that have come whole, and file their statements."""
    return inbox.open_statements(now)


def apply_statements(now: Instant) -> int:
    """Take filed statements into the record, each series in its order."""
    return inbox.apply_statements(now)


def seal_statements(now: Instant) -> int:
    """Seal and announce what is queued, also for peers that only come and fetch."""
    rows = DispatchRow.objects.filter(state=Delivery.QUEUED, content=Content.STATEMENT)
    rows = rows.filter(Q(next_attempt__isnull=True) | Q(next_attempt__lte=now), expires__gt=now)
    done = 0
    for row in rows.exclude(parcel_rows__retired=False).order_by("created"):
        try:
            prepare(row, now=now)
            done += 1
        except ComityError as error:
            _postpone(row, error, now)
    return done


def send_statements(now: Instant) -> int:
    """Send the statements that are due, to every peer whose line is open."""
    return _send(Content.STATEMENT, now)


def send_packages(now: Instant) -> int:
    """Send the next parts of every package that is due."""
    return _send(Content.PACKAGE, now)


def send_receipts(now: Instant) -> int:
    """Bring our receipts to the peers that they are for."""
    waiting = ReceiptRow.objects.filter(to_send=True)
    peers = sorted(set(waiting.values_list("recipient", flat=True)))
    return on_lines(_RECEIPTS, peers, now, _push_receipts)


def ask_peers(now: Instant) -> int:
    """Ask every peer, now and then, what waits there for us; fetch it."""
    peers = PeerRow.objects.filter(status="known").values_list("authority", flat=True)
    late = set(
        LineRow.objects.filter(asked__gt=now - ASK_AFTER).values_list("authority", flat=True)
    )
    return on_lines(_QUESTIONS, sorted(set(peers) - late), now, fetch_waiting)


def mend_parcels(now: Instant) -> int:
    """Fetch again, from their senders, parts that were found damaged on our disk."""
    rows = ParcelInRow.objects.filter(arrival=Arrival.COMPLETE, stored=True)
    senders = sorted({row.sender for row in rows.exclude(problem="") if _missing(row)})
    return on_lines(_MENDING, senders, now, _mend)


def expire(now: Instant) -> int:
    """Sign the failure of what was not delivered in its time."""
    return outbox.expire(now=now)


def tidy(now: Instant) -> int:
    """Remove ciphertext nobody needs, nonces too old to matter, and interrupted writes."""
    _remove_interrupted()
    return outbox.tidy(now) + inbox.tidy(now) + min(forget_nonces(now), 1)


def fetch_waiting(line: PeerLine, now: Instant) -> int:
    """Fetch from a peer what it could not bring: parcels for us, and receipts for ours."""
    taken, cursor = 0, ""
    for _ in range(_MOST_ROUNDS):
        found = line.waiting(after=cursor)
        if not found:
            break
        taken += sum(_fetch(line, header, now) for _, header in found)
        cursor = found[-1][0]
    states = [state.value for state in OPEN | AWAITING]
    rows = ParcelOutRow.objects.filter(dispatch__peer=line.peer, dispatch__state__in=states)
    for digest in rows.filter(retired=False).values_list("digest", flat=True):
        for receipt in line.receipts(Sha256(digest)):
            outbox.take(receipt, peer=line.peer, now=now)
    LineRow.objects.filter(authority=line.peer).update(asked=now)
    return taken


def _send(content: Content, now: Instant) -> int:
    states = [state.value for state in OPEN]
    due = Q(next_attempt__isnull=True) | Q(next_attempt__lte=now)
    rows = DispatchRow.objects.filter(due, state__in=states, content=content, expires__gt=now)
    peers = sorted(set(rows.values_list("peer", flat=True)))

    def serve(line: PeerLine, moment: Instant) -> int:
        return _serve(line, content, moment)

    visits = _PACKAGES if content is Content.PACKAGE else _STATEMENTS
    return on_lines(visits, peers, now, serve)


def _serve(line: PeerLine, content: Content, now: Instant) -> int:
    done = 0
    for _ in range(_MOST_ENTRIES):
        row = _next(line.peer, content, now)
        if row is None:
            break
        done += _send_one(line, row, now)
        if content is Content.PACKAGE:
            break  # the others' turn, then this one goes on
    return done


def _next(peer: AuthorityId, content: Content, now: Instant) -> DispatchRow | None:
    states = [state.value for state in OPEN]
    rows = DispatchRow.objects.filter(peer=peer, content=content, state__in=states, expires__gt=now)
    rows = rows.exclude(outbox.behind_a_doubtful_one())
    queue = {str(row.pk): row for row in rows.defer("raw")}
    ready = [_waiting(row) for row in queue.values()]
    blocked = {key for key, row in queue.items() if row.next_attempt and row.next_attempt > now}
    # A case whose next statement pauses is left out whole: its order stays.
    cases = {queue[key].case for key in blocked}
    chosen = choose(entry for entry in ready if queue[entry.key].case not in cases)
    return None if chosen is None else DispatchRow.objects.get(pk=chosen.key)


def ask_about(row: DispatchRow, now: Instant) -> None:
    """Ask the peer what it has of a case of which something failed; keep its receipts.

    Raises as the line does: whoever wants to say it anew must know what has arrived.
    """
    states = [state.value for state in UNDELIVERED | OPEN]
    parcels = ParcelOutRow.objects.filter(
        dispatch__peer=row.peer, dispatch__case=row.case, dispatch__state__in=states
    )
    with open_line(row.peer) as line:
        line.hello()
        for digest in list(parcels.values_list("digest", flat=True)):
            for receipt in line.receipts(Sha256(digest)):
                outbox.take(receipt, peer=line.peer, now=now)


def _waiting(row: DispatchRow) -> Waiting:
    return Waiting(
        key=str(row.pk),
        state=Delivery(row.state),
        priority=Priority(row.priority),
        created=row.created,
        case=ObjectId(str(row.case)) if row.content == Content.STATEMENT else None,
        seq=row.seq,
    )


def _send_one(line: PeerLine, row: DispatchRow, now: Instant) -> int:
    """Bring one entry on its way; a refusal of this entry alone makes it alone wait."""

    def take(data: bytes) -> Delivery:
        outbox.take(data, peer=line.peer, now=now)
        return outbox.state_of(row)

    try:
        ready = prepare(row, now=now)
        sent = transfer(ready.outgoing, line, take=take, open_part=ready.store.open)
    except ComityError as error:
        if isinstance(error, Unavailable) or error.code.startswith(("wire.", "peer.", "key.")):
            raise
        _postpone(row, error, now)
        return 0
    return max(sent, 1)


def _postpone(row: DispatchRow, error: ComityError, now: Instant) -> None:
    _log.warning("%s: %s", row, error)
    DispatchRow.objects.filter(pk=row.pk).update(
        failures=F("failures") + 1,
        next_attempt=now + pause(row.failures, chance=_LOTS.random()),
        problem=str(error)[:2_000],
    )


def _push_receipts(line: PeerLine, _now: Instant) -> int:
    rows = ReceiptRow.objects.filter(to_send=True, recipient=line.peer).order_by("pk")
    done = 0
    for row in rows[:_MOST_ENTRIES]:
        try:
            line.put_receipt(bytes(row.raw))
        except ComityError as error:
            if isinstance(error, Unavailable) or error.code.startswith("wire."):
                raise
            # The peer has seen it and will not have it: to repeat it would change nothing.
            _log.error("%s refuses our receipt %s: %s", line.peer, row.sha256, error)
        ReceiptRow.objects.filter(pk=row.pk).update(to_send=False)
        done += 1
    return done


def _fetch(line: PeerLine, header: bytes, now: Instant) -> int:
    """Take one parcel that waits at a peer; one that cannot be taken stops no other."""
    try:
        answer = inbox.offer(header, sender=line.peer, now=now)
        if not answer.refused:
            _fetch_parts(line, header, now)
    except ComityError as error:
        if isinstance(error, Unavailable) or error.code.startswith("wire."):
            raise
        _log.warning("a parcel that waits at %s cannot be taken: %s", line.peer, error)
        return 0
    for receipt in inbox.receipts_about(sha256(header), peer=line.peer):
        line.put_receipt(receipt)
    return 1 if answer.fresh else 0


def _fetch_parts(line: PeerLine, header: bytes, now: Instant) -> None:
    read = parcel.read_payload(envelope.read(header).payload)
    listed = line.fetch_list(read.part_list)
    progress = inbox.take_list(listed, sender=line.peer, part_list=read.part_list, now=now)
    for number in range(len(read_part_list(listed, expected=read.part_list).parts)):
        if number not in progress.have:
            _fetch_part(line, read.part_list, number, now)


def _fetch_part(line: PeerLine, part_list: Sha256, number: int, now: Instant) -> None:
    data = line.fetch_part(part_list, number)
    inbox.take_part(
        BytesIO(data),
        signed_digest=sha256(data),
        sender=line.peer,
        part_list=part_list,
        number=number,
        now=now,
    )


def _missing(row: ParcelInRow) -> list[int]:
    here = set(PartInRow.objects.filter(parcel=row).values_list("number", flat=True))
    return [number for number in range(len(listed_parts(row).parts)) if number not in here]


def _mend(line: PeerLine, _now: Instant) -> int:
    done = 0
    for row in ParcelInRow.objects.filter(sender=line.peer, arrival=Arrival.COMPLETE, stored=True):
        parts, store = listed_parts(row).parts, incoming_parts(row.digest)
        for number in _missing(row):
            data = line.fetch_part(Sha256(row.part_list), number)
            store.put(BytesIO(data), expected=parts[number])
            PartInRow.objects.get_or_create(parcel=row, number=number)
            done += 1
        ParcelInRow.objects.filter(pk=row.pk).update(problem="")
    return done


def _remove_interrupted() -> None:
    """Remove temporary files that nobody has written to for an hour.

    Their age is measured by the file system's own clock: the node's may differ.
    """
    for folder in part_folders():
        if not folder.is_dir():
            continue
        for path in _old_files(folder / "incoming"):
            path.unlink(missing_ok=True)


def _old_files(folder: Path) -> Iterable[Path]:
    files = list(folder.glob("*")) if folder.is_dir() else []
    if not files:
        return []
    mark = settings.CONFIG.folder / FOLDER / "now"
    mark.touch()
    limit = mark.stat().st_mtime - STALE.total_seconds()
    return [path for path in files if path.lstat().st_mtime < limit]
