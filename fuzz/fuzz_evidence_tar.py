# SPDX-License-Identifier: Apache-2.0
"""The tar reader: every entry it lets through lies safely below the top folder, once."""

import io
import tarfile

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.evidence.names import check_path
    from comity.evidence.tar import TarReader


def archive(form: int) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as made:
        for name in ("p/a.txt", f"p/{'long' * 40}", "p/é"):
            info = tarfile.TarInfo(name)
            info.size = 5
            made.addfile(info, io.BytesIO(b"hello"))
    return target.getvalue()[:6_000]


def target(data: bytes) -> None:
    reader, seen = TarReader(io.BytesIO(data)), set()
    for entry in reader.entries():
        if entry.path:
            check_path(entry.path)
        assert entry.path not in seen
        seen.add(entry.path)
        assert sum(len(part) for part in reader.content()) == entry.size


if __name__ == "__main__":
    harness.run(target, [archive(tarfile.PAX_FORMAT), archive(tarfile.GNU_FORMAT)])
