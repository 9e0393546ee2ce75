# SPDX-License-Identifier: Apache-2.0
"""The reader of leaves and of tiled files: only signed leaves are accepted."""

import contextlib

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.ledger import tiles
    from comity.ledger.leaf import verify_leaf

from comity.errors import ComityError
from support.ledgers import event, event_key

GOOD = event(0).data


def target(data: bytes) -> None:
    with contextlib.suppress(ComityError):
        tiles.read_bundle(tiles.Tile(tiles.ENTRIES, 0, 3), data)
    try:
        tile = tiles.parse_path(data.decode("utf-8", "replace"))
    except ComityError:
        pass
    else:
        assert tile.path.encode() == data
    verify_leaf(data, verifier=event_key().verifier)
    assert data == GOOD, data


if __name__ == "__main__":
    bundle = tiles.write_bundle([b"one", b"two", GOOD])
    harness.run(target, [GOOD, bundle, b"tile/0/x001/067.p/12"], largest=4_096)
