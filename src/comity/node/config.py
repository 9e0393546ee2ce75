# SPDX-License-Identifier: Apache-2.0
"""The settings of a node: `comity.toml` and `COMITY_*`, read into one frozen value.

Promises: every problem of a file is reported at once, an unknown name is an
error that names the nearest valid one, a secret never stands in the file but
in a file of its own below `keys/`. Relative paths are relative to the folder
of `comity.toml`. An environment variable `COMITY_<NAME>` overrides the entry
`<name>`; lists are written with commas there. The text of each field below is
the reference page of the settings.
"""

# ruff: noqa: RUF009 - `_setting` makes a dataclass field, not a default value

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from comity.canonical.ids import parse_authority_id
from comity.errors import Invalid

FILE_NAME: Final = "comity.toml"
#: Environment variable that names the settings file.
CONFIG_VARIABLE: Final = "COMITY_CONFIG"
_PREFIX: Final = "COMITY_"
#: Variables of this form that are not settings of the node.
_NOT_SETTINGS: Final = frozenset(
    {CONFIG_VARIABLE, "COMITY_SHARED", "COMITY_HYPOTHESIS", "COMITY_CLOCK_OFFSET"}
)
ROLES: Final = ("central", "contact_24_7", "competent", "forensic", "witness", "hub")
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_MAX_FILE_BYTES: Final = 1 << 16
_MAX_PORT: Final = 65_535


def _setting(help_text: str, default: Any = MISSING) -> Any:
    if default is MISSING:
        return field(metadata={"help": help_text})
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class NodeConfig:
    """Everything a node is told before it starts. Made by `read_config`, never by hand."""

    folder: Path
    """Folder of `comity.toml`; not a setting of its own."""

    authority: str = _setting("Name of this authority in the directory, such as `xv.moj`.")
    name: str = _setting("Name of this authority for people.")
    state: str = _setting("Two-letter code of the state (ISO 3166-1 alpha-2).")
    roles: tuple[str, ...] = _setting(
        "What this authority is: `central`, `contact_24_7`, `competent`, `forensic`,"
        " `witness`, `hub`; one or more."
    )
    database: str = _setting(
        "`sqlite` for a file `node.sqlite3` beside the settings, or"
        " `postgresql://user:password@host/name`. A password may instead be left to"
        " PostgreSQL's own password file.",
        "sqlite",
    )
    desk_bind: str = _setting(
        "Address and port of the desk, plain HTTP. Put a TLS proxy in front of it before"
        " binding anything but the loopback address.",
        "127.0.0.1:8100",
    )
    desk_url: str = _setting(
        "Address that officers type into their browsers; passkeys are bound to its host."
        " Empty: made from `desk_bind` with the host `localhost`.",
        "",
    )
    wire_bind: str = _setting("Address and port where peers connect, TLS.", "127.0.0.1:8400")
    wire_url: str = _setting(
        "Address that peers use, published in the key statement. Empty: made from `wire_bind`.",
        "",
    )
    keys: Path = _setting("Folder of the private keys, readable by the node alone.", "keys")
    blobs: Path = _setting("Folder of evidence and messages, by digest.", "blobs")
    packages: Path = _setting("Folder where packages are built and opened.", "packages")
    intake: Path = _setting(
        "Folder from which examiners lodge finished acquisitions. Nothing outside it is read.",
        "intake",
    )
    rollback_guard: Path = _setting(
        "File that remembers the largest checkpoint ever signed. Keep it on another volume"
        " than the database: a database restored from an old copy is noticed by it.",
        "ledger.lock",
    )
    law: tuple[Path, ...] = _setting(
        "Law that adds to the built-in one: folders, or files that an authority signed"
        " (`comity law sign`) whose seal the pinned directory knows; later ones prevail."
        " What is named here is used once it is adopted, which a node does at its start.",
        (),
    )
    law_store: Path = _setting(
        "Folder where every law pack that was ever in use is kept, by digest: old requests are"
        " explained with the law of their day.",
        "law-packs",
    )
    law_map: str = _setting(
        "`on` or `off`: whether the desk draws the map of states that can be asked. Its table is"
        " always there.",
        "on",
    )
    witnesses: tuple[str, ...] = _setting(
        "Authorities that are asked to cosign the checkpoints of this node's ledger.", ()
    )
    quorum: int = _setting(
        "How many of the witnesses must have cosigned before a ledger entry counts as final.", 0
    )
    time_zone: str = _setting("Time zone shown beside UTC on the desk.", "UTC")
    language: str = _setting("Language of the desk for officers who chose none.", "en")
    session_hours: int = _setting("Hours after which an officer must log in again.", 8)
    attempts: int = _setting("Failed log-ins before a name is locked for one hour.", 5)
    reply_days: int = _setting(
        "Days a peer is given to answer a consultation unless the officer says otherwise.", 14
    )
    poll_seconds: int = _setting(
        "Seconds between two looks at what is due, when nothing wakes the worker earlier.", 5
    )
    clock_tolerance: int = _setting(
        "Seconds by which the clock may differ from the peers' before this node stops signing.",
        300,
    )
    smallest_free: int = _setting(
        "Bytes that must stay free on the volume of the packages; below it no package is begun.",
        1 << 28,
    )
    log_level: str = _setting("`debug`, `info`, `warning` or `error`.", "info")

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return self.folder / "node.sqlite3" if self.database == "sqlite" else None

    @property
    def desk_address(self) -> tuple[str, int]:
        """Host and port the desk listens on."""
        return parse_bind(self.desk_bind)

    @property
    def wire_address(self) -> tuple[str, int]:
        """Host and port the wire listens on."""
        return parse_bind(self.wire_bind)


def setting_fields() -> tuple[Field[Any], ...]:
    """Return the fields of `NodeConfig` that a file may set, for the reference page."""
    return tuple(entry for entry in fields(NodeConfig) if "help" in entry.metadata)


def read_config(path: Path, environ: Mapping[str, str]) -> NodeConfig:
    """Read `path` and the `COMITY_*` of `environ`.

    Raises `Invalid` (`config.invalid`) with all problems in its message and in
    `details["problems"]`, or `config.unreadable` when there is no such file.
    """
    try:
        data = path.read_bytes()[: _MAX_FILE_BYTES + 1]
    except OSError as error:
        raise Invalid(
            "config.unreadable",
            f"the settings file {path} cannot be read: {error.strerror}",
            hint="Make a node with `comity-node init DIR`, or name its file with --config.",
        ) from error
    if len(data) > _MAX_FILE_BYTES:
        raise Invalid("config.invalid", f"{path}: larger than {_MAX_FILE_BYTES} bytes")
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid("config.invalid", f"{path}: not a TOML file: {error}") from error
    return make_config(path.resolve().parent, raw, environ, what=str(path))


def make_config(
    folder: Path, raw: Mapping[str, object], environ: Mapping[str, str], *, what: str
) -> NodeConfig:
    """Make a `NodeConfig` of the entries `raw`; raise `Invalid` with every problem."""
    known = {entry.name: entry for entry in setting_fields()}
    problems = _unknown(raw, environ, known)
    values: dict[str, Any] = {}
    for name, entry in known.items():
        given = environ.get(_PREFIX + name.upper(), raw.get(name, MISSING))
        if given is MISSING:
            if entry.default is MISSING:
                problems.append(f"{name}: is missing. {entry.metadata['help']}")
                continue
            given = entry.default
        try:
            values[name] = _READERS[str(entry.type)](name, given)
        except Invalid as error:
            problems.append(error.message)
    if not problems:
        values = _complete(folder, values)
        problems = _check(values)
    if problems:
        raise Invalid(
            "config.invalid",
            f"{what}: the settings are not usable: {'; '.join(problems)}",
            details={"problems": problems},
        )
    return NodeConfig(folder=folder, **values)


def parse_bind(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:8100` or `[::1]:8100`, or raise `Invalid`."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
    except ValueError:
        colon = ""
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) <= _MAX_PORT:
        raise Invalid("config.bind", f"{text!r} is not an address and port like 127.0.0.1:8100")
    return host, int(port)


def _unknown(
    raw: Mapping[str, object], environ: Mapping[str, str], known: Mapping[str, object]
) -> list[str]:
    given = list(raw) + [
        name.removeprefix(_PREFIX).lower()
        for name in environ
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS
    ]
    problems = []
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        problems.append(f"{name}: there is no such setting{meant}")
    return problems


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise Invalid("config.type", f"{name}: expected a text, found {given!r}")
    return given


def _number(name: str, given: object) -> int:
    if isinstance(given, str) and given.isascii() and given.isdigit():
        return int(given)
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise Invalid("config.type", f"{name}: expected a whole number, found {given!r}")
    return given


def _texts(name: str, given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return tuple(part.strip() for part in given.split(",") if part.strip())
    if not isinstance(given, list | tuple) or not all(isinstance(part, str) for part in given):
        raise Invalid("config.type", f"{name}: expected a list of texts, found {given!r}")
    return tuple(given)


def _path(name: str, given: object) -> Path:
    return given if isinstance(given, Path) else Path(_text(name, given))


def _paths(name: str, given: object) -> tuple[Path, ...]:
    return tuple(Path(part) for part in _texts(name, given))


_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "str": _text,
    "int": _number,
    "Path": _path,
    "tuple[str, ...]": _texts,
    "tuple[Path, ...]": _paths,
}


def _complete(folder: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Make paths absolute and fill in what follows from other settings."""
    done = dict(values)
    for name, value in values.items():
        if isinstance(value, Path):
            done[name] = folder / value
    done["law"] = tuple(folder / path for path in values["law"])
    if not values["desk_url"]:
        done["desk_url"] = f"http://localhost:{values['desk_bind'].rpartition(':')[2]}"
    if not values["wire_url"]:
        done["wire_url"] = f"https://{values['wire_bind']}"
    return done


def _check(values: Mapping[str, Any]) -> list[str]:
    problems = _check_authority(values) + _check_addresses(values)
    if values["quorum"] > len(values["witnesses"]):
        problems.append(
            f"quorum: {values['quorum']} of {len(values['witnesses'])} witnesses can never cosign"
        )
    if values["database"] != "sqlite" and not values["database"].startswith("postgresql://"):
        problems.append("database: neither `sqlite` nor `postgresql://...`")
    if values["log_level"] not in _LOG_LEVELS:
        problems.append(f"log_level: {values['log_level']!r} is none of {', '.join(_LOG_LEVELS)}")
    if values["law_map"] not in ("on", "off"):
        problems.append(f"law_map: {values['law_map']!r} is neither `on` nor `off`")
    for name in ("session_hours", "attempts", "poll_seconds", "clock_tolerance"):
        if values[name] < 1:
            problems.append(f"{name}: must be at least 1")
    return problems


def _check_authority(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for name in (values["authority"], *values["witnesses"]):
        try:
            parse_authority_id(name)
        except Invalid as error:
            problems.append(error.message)
    if values["authority"][:2] != values["state"].lower():
        problems.append(
            f"state: {values['state']!r} does not begin the name {values['authority']!r}"
        )
    unknown = [role for role in values["roles"] if role not in ROLES]
    if unknown or not values["roles"]:
        problems.append(f"roles: {', '.join(unknown) or 'empty'}; known are {', '.join(ROLES)}")
    return problems


def _check_addresses(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for name in ("desk_bind", "wire_bind"):
        try:
            parse_bind(values[name])
        except Invalid as error:
            problems.append(f"{name}: {error.message}")
    if values["desk_bind"] == values["wire_bind"]:
        problems.append("wire_bind: the same address and port as desk_bind")
    return problems + _check_urls(values)


def _check_urls(values: Mapping[str, Any]) -> list[str]:
    problems = []
    for name, schemes in (("desk_url", {"http", "https"}), ("wire_url", {"https"})):
        try:
            parts = urlsplit(values[name])
            usable = parts.scheme in schemes and parts.hostname and parts.path in {"", "/"}
        except ValueError:
            usable = False
        if not usable:
            problems.append(f"{name}: {values[name]!r} is not like {'/'.join(schemes)}://host:port")
    return problems
