# SPDX-License-Identifier: Apache-2.0
"""Whoever looks and changes nothing must not set off the next look.

Found with a node that was busy for ever: every look at a preservation woke the
worker, which looked again.
"""

from __future__ import annotations

from comity.node.services._record import recording


def test_a_look_that_changes_nothing_wakes_nobody(node, django_capture_on_commit_callbacks):
    with (
        django_capture_on_commit_callbacks() as callbacks,
        recording(officer=None, now=node.now()) as record,
    ):
        record.unchanged = True
    assert callbacks == []


def test_what_is_recorded_wakes_the_worker(node, django_capture_on_commit_callbacks):
    with (
        django_capture_on_commit_callbacks() as callbacks,
        recording(officer=None, now=node.now()) as record,
    ):
        record(event="node.created", subject=("node", "xv.moj"), private={"serial": 1})
    assert callbacks
