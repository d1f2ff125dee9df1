"""What officers read: codes of the rules in, plain sentences out.

Rules:
- A code without a sentence is shown as it is, never left out.
- Nothing here is shown to a citizen: flags and doubts are the officers' alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.bank_change import Flag, Guard, RefusalCode, State, Verification

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

KINDS: Mapping[str, str] = {
    "held_change": "Bank change held",
    "stop": "Change stopped",
    "dispute": "Change disputed",
    "identity": "Is this person alive?",
    "quarantine": "Set aside",
    "conflict": "In conflict",
    "request": "Request to decide",
    "entered": "Entered by an officer",
    "undelivered": "Notice not delivered",
}

STATES: Mapping[State, str] = {
    State.ENTERED: "entered",
    State.EVIDENCED: "signed",
    State.RECEIVED: "received, the bank is being asked",
    State.ACCOUNT_VERIFIED: "the bank has answered, notices are going out",
    State.CONTACTS_NOTIFIED: "notices are out",
    State.WAITING: "waiting",
    State.HELD: "held for an officer",
    State.IN_FORCE: "in force",
    State.DISPUTED: "disputed, the next payment is held",
    State.BLOCKED: "ended by the person's block",
    State.REFUSED: "refused",
    State.CANCELLED: "stopped",
}

VERIFICATIONS: Mapping[Verification, str] = {
    Verification.NOT_ASKED: "The bank was not asked.",
    Verification.MATCH: "The bank says: the account is this person's.",
    Verification.CLOSE_MATCH: "The bank knows the holder under a slightly different name.",
    Verification.NO_MATCH: "The bank says: the holder is somebody else.",
    Verification.NOT_POSSIBLE: "The bank could not check the account.",
}

FLAGS: Mapping[Flag, str] = {
    Flag.ADDRESS_CHANGED: "The postal address changed recently.",
    Flag.PHONE_CHANGED: "The telephone number changed recently.",
    Flag.EMAIL_CHANGED: "The e-mail address changed recently.",
    Flag.PIN_CHANGED: "The PIN of the card changed recently.",
    Flag.CARD_CHANGED: "The card is new.",
    Flag.ACCOUNT_SHARED: "Another person is paid to this account, or wants to be.",
    Flag.SEVERAL_CHANGES: "Several changes were asked for in a short time.",
    Flag.PREPAID_ISSUER: "The account is with an issuer of prepaid cards.",
    Flag.TYPED_BY_HELPER: "Somebody else typed the account number.",
    Flag.REPRESENTATIVE_ACCOUNT: "The account is the representative's own.",
    Flag.CARD_REPORTED_LOST: "Somebody reported the card as lost; that case is still open.",
}

GUARDS: Mapping[Guard, str] = {
    Guard.EVIDENCE: "The evidence is not complete.",
    Guard.RECEIPT: "It has not been received whole.",
    Guard.VERIFICATION: "The bank has not answered yet.",
    Guard.NOTICE: "The old contacts have not all been told yet.",
    Guard.CONFIRMATION: "The person has not confirmed the name that the bank knows (at a terminal, with card and PIN).",
    Guard.BANK_PROOF: "A paper of the bank must be shown that names the holder of the account.",
    Guard.OFFICER: "An officer must approve who had no hand in the entry and did not take the bank's paper.",
    Guard.WAIT: "The waiting time is not over.",
}

REFUSALS: Mapping[RefusalCode, tuple[str, str]] = {
    RefusalCode.NOT_NOW: ("This is not possible at the present stage.", "Look at the case again; it may have moved."),
    RefusalCode.SAME_OFFICER: (
        "You had a hand in this already (the entry, the bank's paper, or the first finding).",
        "Another officer must do this.",
    ),
    RefusalCode.EVIDENCE_MISSING: ("The paper was not described.", "Write which paper of which bank you saw."),
    RefusalCode.BANK_PROOF_MISSING: (
        "The bank did not confirm the holder, and no paper of the bank has been shown.",
        "Enter the bank's paper first; then another officer approves.",
    ),
    RefusalCode.NOT_NEEDED: ("A paper of the bank is not needed here.", "Approve or refuse instead."),
    RefusalCode.REASON_MISSING: ("A reason is missing.", "Write why; it is kept in the log."),
}

OUTCOMES: Mapping[str, str] = {
    "HolderSigned": "signed with the card",
    "EntryAttested": "entered from an identity document",
    "AttestationApproved": "entry approved",
    "RepresentativeSigned": "signed by a representative",
    "Received": "received",
    "VerificationAsked": "bank asked",
    "VerificationAnswered": "bank answered",
    "NoticeQueued": "notice queued",
    "ContactsNotified": "old contacts notified",
    "WaitBegan": "waiting time set",
    "WaitOver": "gate asked",
    "HolderConfirmed": "holder confirmed",
    "BankProofShown": "bank's paper shown",
    "HoldPlaced": "hold placed",
    "FlagRaised": "flag raised",
    "OfficerApproved": "approved",
    "OfficerRefused": "refused",
    "RulesRefused": "refused by rule",
    "BlockPlaced": "blocked by the person",
    "StoppedByHolder": "stopped for the person",
    "StoppedByCode": "stopped with the code",
    "DisputeUpheld": "dispute upheld",
    "DisputeDismissed": "dispute dismissed",
}

_FLAG_CODES = {f"flag:{flag.value}": text for flag, text in FLAGS.items()}
_GUARD_CODES = {guard.value: text for guard, text in GUARDS.items()}
_REASONS: Mapping[str, str] = {
    "hold": "An officer placed a hold.",
    "by_code": "Somebody typed the cancellation code of the notice.",
    "by_holder": "The person stopped it with card and PIN.",
    "by_word": "An officer entered the stop, for somebody on the telephone or at the desk.",
    "other_body": "The same request came again with another content.",
    "place_taken": "Its place in the terminal's journal is taken.",
    "epoch_unknown": "It comes from a journal that the terminal was never given.",
    "edit_conflict": "The record was changed elsewhere after the person had seen it.",
    "second_officer": "An officer entered it from what is named here. Another officer approves it, or refuses it.",
    "not_an_entry": "A terminal sent something that is no entry; it is kept as it came.",
    "terminal_retired": "It was held while its terminal was suspended, and the terminal is retired now.",
    "scheme_unknown": "It names a scheme that this office does not serve.",
    "service_unknown": "It asks for a service that is not known here.",
    "evidence_unknown": "Its evidence is of a kind that is not known here.",
    "authors_unclear": "It does not say who typed each answer.",
    "answer_missing": "An answer is missing.",
    "other_person": "It names another person than the card's.",
    "identity:urgent": "Urgent: somebody with this person's card and PIN is here, and the record says that the person is dead.",
    "names:evidence": "Look at the paper that proves the new name, and write which one it was.",
    "cards:urgent": "Urgent: a card is reported lost, without a card to prove it. Make sure of the person; a yes stops every card.",
    "bank_changes:in_person": "The block is lifted only for the person: look at the identity document, and write which one it was.",
    "mandates:guardian": "A guardian acts by a court's decision: look at it, and write which one it was.",
    "mandates:own_account": "A representative asks for something in favour of the own account.",
    "benefits:application": "An application for a benefit. Attach the papers that are brought.",
    "deaths:urgent": "Urgent: a death is reported. Nothing has changed yet; a yes needs the death certificate.",
}
_WITH_DETAIL: Mapping[str, str] = {
    "notice": "The gateway refused for good to take the notice ({detail}).",
    "announce_account": "The bank refused for good to take the advice of the new account.",
    "verify_account": "The bank refused for good to take the question.",
    "cannot_be_opened": "The envelope cannot be opened ({detail}).",
    "cannot_be_attributed": "The signature does not prove who sent it ({detail}).",
    "fault": "A fault of our own kept it from being decided ({detail}).",
}


def reasons(codes: str) -> list[str]:
    """Say the machine reasons of a case (separated by spaces) as sentences."""
    return [_reason(code) for code in codes.split()]


def _reason(code: str) -> str:
    name, _, detail = code.partition(":")
    known = {**_FLAG_CODES, **_GUARD_CODES, **_REASONS}
    return known.get(code) or _WITH_DETAIL.get(name, "{code}").format(detail=detail, code=code.replace("_", " "))


def waited(time: timedelta) -> str:
    """Say how long something has waited, in the largest fitting unit."""
    minutes = max(int(time.total_seconds()) // 60, 0)
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // (24 * 60)} d {minutes // 60 % 24} h"
