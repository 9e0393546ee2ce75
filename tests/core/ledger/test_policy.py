# SPDX-License-Identifier: Apache-2.0
"""Trust policies: the published examples, and every rule of the file format."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest

from comity.errors import Invalid
from comity.ledger.keys import SignatureType, VerifierKey
from comity.ledger.policy import Policy, read_policy
from support.ledgers import key, log_keys, witness_keys
from support.shared import shared_path

LOG = log_keys()[0].verifier.to_text()
W1, W2, W3 = (f"xw.{name}/witness" for name in ("one", "two", "three"))


def vkey(name: str) -> str:
    return key(name, SignatureType.COSIGNATURE_ED25519).verifier.to_text()


def least_cosigners(policy: Policy) -> int:
    """Return the size of the smallest set of witnesses that satisfies the policy."""
    keys = [entry.key for entry in policy.witnesses]
    for count in range(len(keys) + 1):
        if any(policy.satisfied(chosen) for chosen in combinations(keys, count)):
            return count
    raise AssertionError("no set of witnesses satisfies the policy")


@pytest.mark.shared
def test_published_policies() -> None:
    published = json.loads(
        shared_path("vectors", "ledger", "tlog-policy", "policies.json").read_text()
    )
    for case in published["valid"]:
        policy = read_policy(case["text"].encode())
        assert least_cosigners(policy) == case["needs"], case["id"]
    for case in published["invalid"]:
        with pytest.raises(Invalid):
            read_policy(case["text"].encode())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "needs"),
    [("sigsum-generic-2025-1", 2), ("sigsum-test-2025-3", 4), ("sigsum-test1-2025", 2)],
)
def test_policies_of_sigsum(name: str, needs: int) -> None:
    # Sigsum writes bare keys; C2SP writes vkeys. As they stand they are refused.
    path = shared_path("vectors", "ledger", "tlog-policy", "sigsum", f"{name}.builtin-policy")
    text = path.read_text()
    with pytest.raises(Invalid) as refused:
        read_policy(text.encode())
    assert refused.value.code == "vkey.syntax"

    def as_vkey(match: re.Match[str]) -> str:
        kind = SignatureType.ED25519 if match[1] == "log" else SignatureType.COSIGNATURE_ED25519
        owner = match[2].strip() or "log.example"
        public = bytes.fromhex(match[3])
        return (
            f"{match[1]} {match[2]}{VerifierKey.of(name=owner, type=kind, public=public).to_text()}"
        )

    translated = re.sub(r"(?m)^(log|witness) (\S+\s+|)([0-9a-f]{64})", as_vkey, text)
    policy = read_policy(translated.encode())
    assert least_cosigners(policy) == needs
    assert policy.logs


def test_groups_of_groups() -> None:
    text = (
        f"log {log_keys()[0].verifier.to_text()} https://xv.example/log\n"
        f"witness a {vkey(W1)}\nwitness b {vkey(W2)}\nwitness c {vkey(W3)}\n"
        "group states 2 a b\ngroup outside any c\ngroup both all states outside\nquorum both\n"
    )
    policy = read_policy(text.encode())
    one, two, three = (entry.key for entry in policy.witnesses)
    assert policy.logs[0].url == "https://xv.example/log"
    assert policy.satisfied([one, two, three])
    for chosen in combinations([one, two, three], 2):
        assert not policy.satisfied(chosen)


def test_both_keys_of_a_witness_may_stand_in_a_policy() -> None:
    both = witness_keys(W1)
    text = "".join(
        f"witness w{number} {one.verifier.to_text()}\n" for number, one in enumerate(both)
    )
    policy = read_policy(f"{text}group g all w0 w1\nquorum g\n".encode())
    assert least_cosigners(policy) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("quorum none", "policy.no_final_newline"),
        ("quorum none\r\n", "policy.control_character"),
        ("quorum none\nquorum none\n", "policy.syntax"),
        ("quorum\n", "policy.syntax"),
        ("quorums none\n", "policy.keyword"),
        ("log\nquorum none\n", "policy.syntax"),
        ("witness w\nquorum none\n", "policy.syntax"),
        (f"witness none {vkey(W1)}\nquorum none\n", "policy.name"),
        (f"witness a {vkey(W1)}\nwitness b {vkey(W1)}\nquorum a\n", "policy.duplicate_key"),
        (f"log {vkey(W1)}\nquorum none\n", "policy.key_type"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "policy.duplicate_key"),
        (f"witness a {vkey(W1)}\ngroup g 2 a\nquorum g\n", "policy.threshold"),
        (f"witness a {vkey(W1)}\ngroup g 0 a\nquorum g\n", "policy.threshold"),
        (f"witness a {vkey(W1)}\ngroup g 01 a\nquorum g\n", "policy.threshold"),
        (f"witness a {vkey(W1)}\ngroup g any a a\nquorum g\n", "policy.duplicate_member"),
        (f"witness a {vkey(W1)}\ngroup g any b\nquorum g\n", "policy.unknown_name"),
        (f"witness a {vkey(W1)}\ngroup g any none\nquorum g\n", "policy.unknown_name"),
        (f"witness a {vkey(W1)}\ngroup g any g\nquorum g\n", "policy.unknown_name"),
        (f"witness a {vkey(W1)}\ngroup a any a\nquorum a\n", "policy.duplicate_name"),
        (f"witness a {vkey(W1)}\ngroup g any\nquorum a\n", "policy.syntax"),
        (
            f"witness a {vkey(W1)}\ngroup g any a\ngroup h any a\nquorum g\n",
            "policy.duplicate_member",
        ),
        ("", "policy.no_quorum"),
        ("#" * (256 * 1024) + "\n", "policy.too_large"),
    ],
)
def test_every_rule_of_the_format(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_policy(text.encode())
    assert refused.value.code == code


def test_a_url_that_is_not_utf8() -> None:
    line = f"witness a {vkey(W1)} ".encode() + b"\xff\nquorum a\n"
    with pytest.raises(Invalid) as refused:
        read_policy(line)
    assert refused.value.code == "policy.not_utf8"


def test_names_are_octets() -> None:
    text = f"witness \xff\xfe {vkey(W1)}\nquorum \xff\xfe\n".encode("latin-1")
    assert read_policy(text).quorum == b"\xff\xfe"
    kelvin = f"witness K {vkey(W1)}\nquorum \N{KELVIN SIGN}\n".encode()
    with pytest.raises(Invalid):
        read_policy(kelvin)


def test_the_number_of_definitions_is_bounded() -> None:
    one = f"witness a {vkey(W1)}\n"
    groups = "group g0 any a\n" + "".join(
        f"group g{number} any g{number - 1}\n" for number in range(1, 257)
    )
    with pytest.raises(Invalid) as refused:
        read_policy(f"{one}{groups}quorum g0\n".encode())
    assert refused.value.code == "policy.too_many"
