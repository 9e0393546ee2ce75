# SPDX-License-Identifier: Apache-2.0
"""Messages of a request, the stored record, and what a message does to either side.

The first byte chooses the type. Whatever can be read must be written back to the
same bytes, and taking it must change the record or raise one of our own errors.
"""

import dataclasses

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.assistance import decide, messages, record
    from comity.canonical import json

from comity.errors import ComityError
from support.two_sides import IN, OUT, TwoSides

TYPES = tuple(messages.READERS)
RECORD = len(TYPES)


def sides() -> list[TwoSides]:
    """Requests at several places on their way."""
    found = [TwoSides().acknowledged(), TwoSides().in_execution()]
    found[0].act(IN, "open_consultation", **found[0].consultation())
    found[1].act(IN, "deliver", **found[1].package("E1"))
    for both in found:
        both.settle()
    return found


SIDES = sides()


def target(data: bytes) -> None:
    choice, body = data[:1], json.read_object(data[1:])
    number = choice[0] % (len(TYPES) + 1) if choice else RECORD
    if number == RECORD:
        request = record.read_record(body)
        assert json.write(record.write_record(request)) == json.write(body)
        return
    message = messages.read_message(message_type=TYPES[number], body=body)
    assert json.write(message.to_json()) == json.write(body)
    if isinstance(message, messages.RequestMessage):
        return
    for both in SIDES:
        for side in (OUT, IN):
            ours = dataclasses.replace(message, request_id=both.asking.id)
            try:
                after = decide.take(situation=both.situation(side), message=ours).request
            except ComityError:
                continue
            assert record.read_record(record.write_record(after)) == after


def seeds() -> list[bytes]:
    """One of every type that the way of a request shows, and two records."""
    found = [bytes([RECORD]) + json.write(record.write_record(both.asking)) for both in SIDES]
    both = TwoSides().in_execution()
    both.act(IN, "deliver_in_part", **both.package("E1"), outstanding="E2 is encrypted.")
    spoken = [messages.RequestMessage(content=both.asking.content), *both.to_asking]
    both.act(OUT, "withdraw", reasons="The suspect has confessed.")
    spoken += both.to_asked
    for message in spoken:
        found.append(bytes([TYPES.index(message.TYPE)]) + json.write(message.to_json()))
    return found


if __name__ == "__main__":
    harness.run(target, seeds())
