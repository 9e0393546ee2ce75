# SPDX-License-Identifier: Apache-2.0
"""The list of digests that `hashdeep -a` audits (HASHDEEP-1.0 format).

`cd data && hashdeep -r -l -a -k metadata/hashdeep.txt evidence` then tells of
every evidence file that was changed, moved, added or taken away.
"""

from __future__ import annotations

from typing import Final

from comity.evidence.contents import PackageFacts

_HEADER: Final = (
    "%%%% HASHDEEP-1.0\n"
    "%%%% size,md5,sha1,sha256,filename\n"
    "## Invoked from: data\n"
    "## $ hashdeep -c md5,sha1,sha256 -r -l evidence\n"
    "## \n"
)


def hashdeep_list(facts: PackageFacts) -> bytes:
    """Return the bytes of `data/metadata/hashdeep.txt`, in ascending order of the paths."""
    files = [file for exhibit in facts.exhibits for file in exhibit.files]
    lines = [
        f"{file.size},{file.md5},{file.sha1},{file.sha256},{file.path.removeprefix('data/')}\n"
        for file in sorted(files, key=lambda file: file.path)
    ]
    return (_HEADER + "".join(lines)).encode("utf-8")
