# SPDX-License-Identifier: Apache-2.0
"""Manifests and bag-info.txt: what is read is written back to the same bytes."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.evidence import bag

MANIFEST = bag.write_manifest({"data/a.txt": "a" * 64, "data/b c.txt": "b" * 64})


def target(data: bytes) -> None:
    if data[:1] == b"B":
        assert bag.write_info(bag.read_info(data[1:])) == data[1:]
    else:
        for algorithm in bag.DIGEST_LENGTHS:
            manifest(data, algorithm)


def manifest(data: bytes, algorithm: str) -> None:
    try:
        listed = bag.read_manifest(data, algorithm=algorithm, what="manifest")
    except bag.Invalid:
        return
    assert bag.write_manifest(listed) == data


if __name__ == "__main__":
    harness.run(target, [MANIFEST, b"BSource-Organization: A\nContact-Name: B\n"])
