# SPDX-License-Identifier: Apache-2.0
"""The custody graph of a package in CASE 1.5.0 and UCO, as JSON-LD in RFC 8785 form.

Each custody statement becomes one `investigation:InvestigativeAction` that
results in one `investigation:ProvenanceRecord`; each file one
`observable:File` with its digests. Identifiers are UUID version 5 of our own
ones, so that two states write the same event as the same node. The first
action on an exhibit has no `action:object` and lists the items in its result:
`case_prov_check` asks for that to find the start of the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from comity.canonical import json
from comity.canonical.ids import AuthorityId
from comity.canonical.json import JSON, Object
from comity.canonical.time import Instant, write_instant
from comity.evidence.acquisition import AcquisitionRecord
from comity.evidence.contents import ExhibitFacts, FileFacts, PackageFacts
from comity.evidence.model import Actor, CustodyStatement, LegalAuthority, Tool

CASE_VERSION: Final = "1.5.0"
_NAMESPACE: Final = bytes.fromhex("6f1c2b525a3e5c1b9f532f0d9a0b7c11")
_UCO: Final = "https://ontology.unifiedcyberontology.org/uco"
_CONTEXT: Final[Object] = {
    "kb": "https://comity.example/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": f"{_UCO}/action/",
    "uco-core": f"{_UCO}/core/",
    "uco-identity": f"{_UCO}/identity/",
    "uco-location": f"{_UCO}/location/",
    "uco-observable": f"{_UCO}/observable/",
    "uco-role": f"{_UCO}/role/",
    "uco-tool": f"{_UCO}/tool/",
    "uco-types": f"{_UCO}/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: The first digit of the fourth group keeps two bits of the digest (RFC 9562, 4.1).
_VARIANTS: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_HASH_NAMES: Final = ("MD5", "SHA1", "SHA256", "SHA512")


def case_graph(facts: PackageFacts) -> bytes:
    """Return the graph of a package: the bytes of `data/metadata/case.jsonld`."""
    return _Graph(facts).write()


class _Graph:
    """Collects nodes, each once, in the order in which they are first met."""

    def __init__(self, facts: PackageFacts) -> None:
        self.facts = facts
        self.nodes: dict[str, Object] = {}
        self.files: list[bytes] = []
        self.records: list[JSON] = []
        self.actions: list[JSON] = []

    def write(self) -> bytes:
        for exhibit in self.facts.exhibits:
            self.exhibit(exhibit)
        self.investigation()
        bundle = _node("bundle", "uco-core:Bundle", self.facts.package)
        bundle["uco-core:name"] = f"Evidence package {self.facts.package}"
        bundle["uco-core:specVersion"] = f"CASE {CASE_VERSION}"
        bundle["uco-core:object"] = [*self.records, *self.actions]
        nodes = [json.write(node) for node in (bundle, *self.nodes.values())]
        # RFC 8785 form by hand around the nodes: "@context" sorts before "@graph".
        head = json.write({"@context": _CONTEXT}).removesuffix(b"}")
        return head + b',"@graph":[' + b",".join([*nodes, *self.files]) + b"]}"

    def add(self, node: Object) -> Object:
        """Add a node and return a reference to it."""
        self.nodes.setdefault(str(node["@id"]), node)
        return {"@id": node["@id"]}

    def investigation(self) -> None:
        request = self.facts.request
        node = _node("investigation", "case-investigation:Investigation", request.request)
        node["uco-core:name"] = request.reference
        node["uco-core:description"] = request.purpose
        node["case-investigation:investigationForm"] = "case"
        node["uco-core:object"] = list(self.records)
        node["uco-core:externalReference"] = [
            _inner(
                "external-reference",
                "uco-core:ExternalReference",
                f"request|{request.request}",
                {
                    "uco-core:definingContext": "Comity request identifier",
                    "uco-core:externalIdentifier": request.request,
                },
            )
        ]
        grounds = {
            statement.legal_authority
            for exhibit in self.facts.exhibits
            for statement in (signed.statement for signed in exhibit.chain)
        }
        ordered = sorted(grounds, key=lambda ground: (ground.type, ground.identifier))
        node["case-investigation:relevantAuthorization"] = [
            self.add(self.authorization(ground)) for ground in ordered
        ]
        self.add(node)

    def authorization(self, ground: LegalAuthority) -> Object:
        seed = f"{self.facts.request.request}|{ground.type}|{ground.identifier}"
        node = _node("authorization", "case-investigation:Authorization", seed)
        node["case-investigation:authorizationType"] = ground.type
        node["case-investigation:authorizationIdentifier"] = [ground.identifier]
        return node

    def exhibit(self, exhibit: ExhibitFacts) -> None:
        """Add the files of an exhibit, its source, and one action a custody event."""
        files: list[JSON] = [self.file(file) for file in exhibit.files]
        thing = self.thing(exhibit)
        known: JSON = None
        for position, signed in enumerate(exhibit.chain):
            statement = signed.statement
            items: list[JSON] = [thing, *(files if statement.items else [])]
            appeared: list[JSON] = []
            if position == 0:
                appeared = items
            elif statement.items and not exhibit.chain[position - 1].statement.items:
                appeared = list(files)
            record = self.add(self.record(exhibit, statement, items))
            action = self.action(statement, record, appeared, known)
            if position:
                before = exhibit.chain[position - 1].statement
                action["case-investigation:wasInformedBy"] = {"@id": _action_id(before)}
            self.actions.append(self.add(action))
            self.records.append(record)
            known = record

    def file(self, file: FileFacts) -> Object:
        """Add a file and return a reference to it."""
        fields = _file_fields(file)
        self.files.append((_FILE_FORM % fields).encode())
        return {"@id": fields["file"]}

    def thing(self, exhibit: ExhibitFacts) -> Object:
        """Add the exhibit itself: the device that was read, or what the files came from."""
        seed = f"{self.facts.request.request}|{exhibit.number}"
        record = exhibit.acquisition
        if record is None or record.source.kind != "block_device":
            node = _node("exhibit", "uco-observable:ObservableObject", seed)
            node["uco-core:name"] = f"Exhibit {exhibit.number}"
        else:
            node = _node("device", "uco-observable:Device", seed)
            node["uco-core:name"] = f"Exhibit {exhibit.number}"
            node["uco-core:hasFacet"] = [_device_facet(record, seed)]
        if record is not None and record.description:
            node["uco-core:description"] = record.description
        return self.add(node)

    def record(
        self, exhibit: ExhibitFacts, statement: CustodyStatement, items: list[JSON]
    ) -> Object:
        node = _node("provenance-record", "case-investigation:ProvenanceRecord", statement.id)
        node["uco-core:description"] = (
            f"Exhibit {exhibit.number} after event {statement.seq} ({statement.event})"
        )
        node["case-investigation:exhibitNumber"] = exhibit.number
        node["uco-core:object"] = items
        return node

    def action(
        self, statement: CustodyStatement, record: Object, appeared: list[JSON], known: JSON
    ) -> Object:
        node: Object = {
            "@id": _action_id(statement),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": statement.event.value,
            "uco-core:description": statement.purpose,
            "uco-action:actionStatus": "Success",
            "uco-action:startTime": _time(statement.at),
            "uco-action:endTime": _time(statement.ended or statement.at),
            "uco-action:performer": self.person(statement.authority, statement.actor),
            "uco-action:location": [self.location(statement.place)],
            "uco-action:result": [record, *appeared],
        }
        if known is not None:
            node["uco-action:object"] = [known]
        if statement.tool is not None:
            node["uco-action:instrument"] = [self.tool(statement.tool)]
        other = statement.counterpart
        if other is not None:
            named = Actor(name=other.name or other.authority, function=other.function)
            node["uco-action:participant"] = [self.person(other.authority, named)]
        if statement.remarks:
            node["uco-core:description"] = f"{statement.purpose}\n{statement.remarks}"
        return node

    def person(self, authority: AuthorityId, actor: Actor) -> Object:
        seed = f"{authority}|{actor.name}|{actor.function}"
        node = _node("person", "uco-identity:Person", seed)
        node["uco-core:name"] = actor.name
        person = self.add(node)
        self.relate(person, self.organization(authority), "Member_Of")
        if actor.function:
            role = _node("role", "uco-role:Role", f"{authority}|{actor.function}")
            role["uco-core:name"] = actor.function
            self.relate(person, self.add(role), "Has_Role")
        return person

    def organization(self, authority: AuthorityId) -> Object:
        node = _node("organization", "uco-identity:Organization", authority)
        node["uco-core:name"] = self.facts.authority_name(authority)
        node["uco-core:externalReference"] = [
            _inner(
                "external-reference",
                "uco-core:ExternalReference",
                f"authority|{authority}",
                {
                    "uco-core:definingContext": "Comity authority identifier",
                    "uco-core:externalIdentifier": authority,
                },
            )
        ]
        return self.add(node)

    def relate(self, source: Object, target: Object, kind: str) -> None:
        seed = f"{source['@id']}|{kind}|{target['@id']}"
        node = _node("relationship", "uco-core:Relationship", seed)
        node["uco-core:source"] = source
        node["uco-core:target"] = target
        node["uco-core:kindOfRelationship"] = kind
        node["uco-core:isDirectional"] = True
        self.add(node)

    def location(self, place: str) -> Object:
        node = _node("location", "uco-location:Location", place)
        node["uco-core:name"] = place
        return self.add(node)

    def tool(self, tool: Tool) -> Object:
        node = _node("tool", "uco-tool:Tool", f"{tool.name}|{tool.version}")
        node["uco-core:name"] = tool.name
        node["uco-tool:version"] = tool.version
        return self.add(node)


def _action_id(statement: CustodyStatement) -> str:
    return f"kb:investigative-action-{_uuid('action', statement.id)}"


def file_node(fields: Mapping[str, str]) -> Object:
    """Return the node of a file; `fields` holds its identifiers and facts as text."""
    hashes: list[JSON] = [
        {
            "@id": fields[f"hash-{name}"],
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": name,
            "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": fields[name]},
        }
        for name in _HASH_NAMES
    ]
    size: Object = {"@type": "xsd:integer", "@value": fields["size"]}
    name_facet: Object = {
        "@id": fields["file-facet"],
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": fields["name"],
        "uco-observable:filePath": fields["path"],
        "uco-observable:sizeInBytes": size,
    }
    data_facet: Object = {
        "@id": fields["content-data-facet"],
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": hashes,
        "uco-observable:sizeInBytes": size,
    }
    return {
        "@id": fields["file"],
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [name_facet, data_facet],
    }


def _file_fields(file: FileFacts) -> dict[str, str]:
    """Return what the form of a file is filled with; names with the escapes of JSON."""
    seed = f"{file.path}|{file.sha512}"
    digests = (file.md5, file.sha1, file.sha256, file.sha512)
    fields = dict(zip(_HASH_NAMES, digests, strict=True))
    for name in _HASH_NAMES:
        fields[f"hash-{name}"] = f"kb:hash-{_uuid('hash', f'{seed}|{name}')}"
    for kind in ("file", "file-facet", "content-data-facet"):
        fields[kind] = f"kb:{kind}-{_uuid(kind, seed)}"
    fields["size"] = str(file.size)
    fields["name"] = _escaped(file.item.rsplit("/", 1)[-1])
    fields["path"] = _escaped(file.path)
    return fields


def _escaped(text: str) -> str:
    return json.write(text).decode()[1:-1]


def _file_form() -> str:
    """Return the RFC 8785 text of a file's node, with a place for each of its fields.

    Exhibits have tens of thousands of files; filling a form is ten times quicker
    than writing as many nodes.
    """
    names = [*_HASH_NAMES, *(f"hash-{name}" for name in _HASH_NAMES)]
    names += ["file", "file-facet", "content-data-facet", "size", "name", "path"]
    text = json.write(file_node({name: f"<<{name}>>" for name in names})).decode()
    text = text.replace("%", "%%")
    for name in names:
        text = text.replace(f"<<{name}>>", f"%({name})s")
    return text


def _device_facet(record: AcquisitionRecord, seed: str) -> Object:
    members: Object = {}
    model = f"{record.source.make} {record.source.model}".strip()
    if model:
        members["uco-observable:model"] = model
    if record.source.serial:
        members["uco-observable:serialNumber"] = record.source.serial
    return _inner("device-facet", "uco-observable:DeviceFacet", seed, members)


def _node(kind: str, type_name: str, seed: str) -> Object:
    return {"@id": f"kb:{kind}-{_uuid(kind, seed)}", "@type": type_name}


def _inner(kind: str, type_name: str, seed: str, members: Object) -> Object:
    return {**_node(kind, type_name, seed), **members}


def _uuid(kind: str, seed: str) -> str:
    """Return UUID version 5 of our namespace; by hand, since large packages make many."""
    data = _NAMESPACE + f"{kind}\x1f{seed}".encode()
    digits = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _time(instant: Instant) -> Object:
    return {"@type": "xsd:dateTime", "@value": write_instant(instant)}


_FILE_FORM: Final = _file_form()
