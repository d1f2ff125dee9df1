"""The back office's word on a transaction: an answer of kind "verdict" to the transaction's id.

Rules:
- Built and opened as any answer (`kiosk.wire.answer`): signed, addressed to the visit that filed the act, then sealed.
- The decision also travels in clear beside it, as a code; who reads only that code learns nothing of the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from kiosk.wire.answer import AnswerKey, open_answer, seal_answer
from kiosk.wire.document import LIMIT
from kiosk.wire.fields import AnswerText, read_message
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kiosk.wire.signed import Signer
    from kiosk.wire.trust import Anchors

VERDICT = "verdict"
"""The kind of answer."""

ShortText = Annotated[str, Meta(max_length=200)]
OptionalDate = Annotated[str, Meta(pattern=r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]
"""A date as ISO 8601, or "" where there is none."""


class VerdictBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What was decided, and what the screen says about it.

    `decision` and `account_verification` are codes; `text_key` with `parameters` is the sentence for the citizen;
    `holder_name` stands only with a close match, for the person to confirm. `document` (kiosk.wire.document), its `code`,
    until when and at which `address` it can be verified stand only with what is printed on A4, and only in the sealed word.
    """

    decision: ShortText
    reason_code: ShortText = ""
    text_key: ShortText = ""
    parameters: dict[ShortText, AnswerText] = {}
    first_payment_date: OptionalDate = ""
    account_verification: ShortText = ""
    holder_name: ShortText = ""
    effective_on: OptionalDate = ""
    code: ShortText = ""
    document: Annotated[str, Meta(max_length=LIMIT)] = ""
    valid_until: OptionalDate = ""
    address: ShortText = ""


def seal_verdict(
    body: VerdictBody, transaction_id: str, answer_key: Mapping[str, str], at: datetime, signer: Signer
) -> bytes | Problem:
    """Sign and seal a verdict to the visit that filed the transaction; a `Problem` when its JWK is no P-256 key."""
    return seal_answer(VERDICT, transaction_id, answer_key, msgspec.to_builtins(body), at, signer)


def open_verdict(
    jwe: bytes, answer_key: AnswerKey, transaction_id: str, anchors: Anchors, at: datetime
) -> VerdictBody | Problem:
    """Open the verdict on this transaction, if the back office signed it for this visit."""
    body = open_answer(jwe, answer_key, transaction_id, VERDICT, anchors, at)
    return body if isinstance(body, Problem) else read_message(body, VerdictBody)
