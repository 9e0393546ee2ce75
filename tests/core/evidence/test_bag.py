# SPDX-License-Identifier: Apache-2.0
"""Manifests and bag-info have one form; every other is refused by name."""

import contextlib
import json as standard_json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.ids import AuthorityId, derived_object_id
from comity.errors import Invalid
from comity.evidence import bag
from comity.evidence.verify import verify_package
from support import packages
from support.shared import shared_path

A, B = "a" * 64, "b" * 64
GOOD = f"{A}  data/one.txt\n{B}  data/two words.txt\n".encode()
INFO = bag.BagInfo(
    organization="Ministry of Justice of Meridia",
    contact="Desk 4",
    package=derived_object_id("p"),
    reference="XM-2026-0000001",
    request=derived_object_id("r"),
    payload_bytes=12,
    payload_files=2,
    software="comity 0",
    sender=AuthorityId("xm.moj"),
    recipient=AuthorityId("xv.moj"),
    sealed_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def code_of(data, algorithm="sha256"):
    with pytest.raises(Invalid) as caught:
        bag.read_manifest(data, algorithm=algorithm, what="manifest")
    return caught.value.code


def test_a_manifest_reads_back():
    listed = {"data/two words.txt": B, "data/one.txt": A}
    assert bag.write_manifest(listed) == GOOD
    assert bag.read_manifest(GOOD, algorithm="sha256", what="manifest") == listed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (GOOD.replace(b"\n", b"\r\n"), "bag.line_ends"),
        (GOOD.replace(b"\n", b"\r"), "bag.line_ends"),
        (GOOD[:-1], "bag.line_ends"),
        (b"", "bag.line_ends"),
        (b"\xef\xbb\xbf" + GOOD, "bag.byte_order_mark"),
        (GOOD.replace(b"one", b"\xff"), "bag.not_utf8"),
        (GOOD.replace(b"a" * 64, b"A" * 64), "bag.manifest_case"),
        (GOOD.replace(b"a" * 64, b"a" * 63), "bag.manifest_line"),
        (GOOD.replace(b"a" * 64, b"g" * 64), "bag.manifest_line"),
        (GOOD.replace(b"  data/one", b" data/one"), "bag.manifest_line"),
        (GOOD.replace(b"  data/one", b" *data/one"), "bag.manifest_line"),
        (GOOD.replace(b"  data/one", b"\tdata/one"), "bag.manifest_line"),
        (GOOD.replace(b"  data/one", b"   data/one"), "bag.manifest_line"),
        (GOOD + b"\n", "bag.manifest_line"),
        (b"# comment\n" + GOOD, "bag.manifest_line"),
        (GOOD.replace(b"one.txt", b"one.txt "), "bag.manifest_space"),
        (GOOD.replace(b"one.txt", b"one.txt\xc2\xa0"), "bag.manifest_space"),
        (GOOD.replace(b"one", b"%6Fne"), "bag.manifest_percent"),
        (GOOD.replace(b"one", b"50%25"), "bag.manifest_percent"),
        (b"".join(reversed(GOOD.splitlines(keepends=True))), "bag.manifest_order"),
        (GOOD + GOOD, "bag.manifest_duplicate"),
        (GOOD.replace(b"data/one.txt", b"../one.txt"), "name.unsafe"),
        (GOOD.replace(b"data/one.txt", b"/etc/passwd"), "name.unsafe"),
        (GOOD.replace(b"data/one.txt", b"data//one.txt"), "name.unsafe"),
        (GOOD.replace(b"data/one.txt", b"data/./one.txt"), "name.unsafe"),
        (GOOD.replace(b"data/one.txt", b"~\x01/one.txt"), "name.unsafe"),
        (GOOD.replace(b"data/one.txt", b"data\\one.txt"), "name.unsafe"),
    ],
)
def test_every_other_form_is_refused_by_name(data, code):
    assert code_of(data) == code


def test_a_digest_has_the_length_of_its_algorithm():
    assert code_of(GOOD, "sha512") == "bag.manifest_line"


@given(st.dictionaries(NAMES, st.sampled_from([A, B]), min_size=1, max_size=5))
def test_what_is_written_is_always_read_back(listed):
    try:
        data = bag.write_manifest(listed)
    except Invalid as error:
        assert error.code == "name.unsafe"  # noqa: PT017 - either it is refused or it reads back
        return
    assert bag.read_manifest(data, algorithm="sha256", what="manifest") == listed


@given(st.binary(max_size=300) | st.text(st.sampled_from("ab0 \n\r\t%/.*"), max_size=200))
def test_the_readers_never_leak_another_error(data):
    data = data if isinstance(data, bytes) else data.encode()
    for algorithm in ("sha256", "sha512"):
        with contextlib.suppress(Invalid):
            read = bag.read_manifest(data, algorithm=algorithm, what="manifest")
            assert bag.write_manifest(read) == data
    with contextlib.suppress(Invalid):
        bag.read_info(data)


def test_bag_info_reads_back():
    assert bag.read_info(bag.write_info(INFO)) == INFO


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"Payload-Oxum: 12.2", b"Payload-Oxum: 012.2"),
        lambda data: data.replace(b"Payload-Oxum: 12.2", b"Payload-Oxum: 12"),
        lambda data: data.replace(b"Bag-Count: 1 of 1", b"Bag-Count: 1 of 2"),
        lambda data: data.replace(b"Bagging-Date: 2026-03-02", b"Bagging-Date: 2026-03-03"),
        lambda data: data.replace(b"Contact-Name: ", b"contact-name: "),
        lambda data: data.replace(b"Contact-Name: ", b"Contact-Name:  "),
        lambda data: data.replace(b"Contact-Name: ", b"Contact-Name:"),
        lambda data: data.replace(b"Desk 4", b"Desk\n 4"),
        lambda data: data.replace(b"Desk 4", b""),
        lambda data: data.replace(b"Desk 4", b"Desk 4 "),
        lambda data: data.replace(b"urn:uuid:", b"URN:UUID:"),
        lambda data: data.replace(b"xm.moj", b"XM.MOJ"),
        lambda data: data + b"Extra: 1\n",
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\n".join(reversed(data.splitlines())) + b"\n",
        lambda data: data[:-1],
    ],
)
def test_bag_info_has_one_form(change):
    data = bag.write_info(INFO)
    assert change(data) != data
    with pytest.raises(Invalid):
        bag.read_info(change(data))


def test_the_profile_names_what_we_write():
    profile = standard_json.loads(bag.profile())
    labels = [line.split(b": ")[0].decode() for line in bag.write_info(INFO).splitlines()]
    assert sorted(profile["Bag-Info"]) == sorted(labels)


def test_no_bag_of_the_conformance_suite_is_taken_for_a_package(tmp_path):
    """Valid or not, a bag without seal, custody and proofs is refused, and without a traceback."""
    archive = shared_path("data", "packaging", "bagit-conformance-v0.97-v1.0.tar.gz")
    with tarfile.open(archive) as suite:
        suite.extractall(tmp_path, filter="data")
    bags = [path.parent for path in Path(tmp_path).rglob("bagit.txt")]
    assert len(bags) > 20
    for root in bags:
        report = verify_package(root, trust=packages.trust())
        assert report.failed, root
