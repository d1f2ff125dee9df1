"""The OpenAPI document says what is checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from back_office_bench import application, asgi

if TYPE_CHECKING:
    from back_office_bench import Bench

PATHS = {
    "/v1/enrolments": {"post"},
    "/v1/transactions": {"post"},
    "/v1/transactions/{transaction_id}": {"get"},
    "/v1/verdicts": {"get"},
    "/v1/questions": {"post"},
    "/v1/staff-calls": {"post"},
    "/v1/ping": {"get"},
    "/v1/heartbeats": {"post"},
    "/v1/reference-data": {"get"},
    "/v1/feed": {"get"},
    "/v1/catalogue": {"get"},
}
PUBLIC = {"/v1/catalogue"}


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(part) for part in node.values())) if node else own
    if isinstance(node, list):
        return set().union(*(references(part) for part in node)) if node else set()
    return set()


def test_every_path_is_described_and_every_reference_leads_somewhere(office: Bench) -> None:
    reply = asgi(application(office), "GET", "/openapi.json")
    assert reply.status == 200
    document = reply.json
    assert {path: set(item) for path, item in document["paths"].items()} == PATHS
    for reference in references(document):
        kind, name = reference.removeprefix("#/components/").split("/")
        assert name in document["components"][kind], reference
    item = document["components"]["schemas"]["Item"]
    assert set(item["required"]) == {
        "id", "kind", "epoch", "seq", "schema", "sealing_key_id", "previous_hash", "hash", "recorded_at", "body",
    }  # fmt: skip
    assert item["properties"]["seq"]["minimum"] == 1


def test_every_operation_has_a_sentence_and_its_refusals(office: Bench) -> None:
    document = asgi(application(office), "GET", "/openapi.json").json
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert ("401" in operation["responses"]) == (path not in PUBLIC), path
            assert operation["security"] == ([] if path in PUBLIC else [{"terminalSignature": []}]), path
    assert "traceback" not in json.dumps(document).lower()
