"""Everything that can happen in a visit, in the past tense; `advance` takes one at a time.

    person    at the screen: touches, keys, buttons
    devices   card, pad, printer, scanner, the slot of staff
    agent     the terminal and the back office behind it, and the clock

An event that does not fit the phase is ignored by `advance`, never an error: people and hardware are allowed to be
early or late.
"""

from __future__ import annotations

from kiosk.domain.session.events.agent import (
    AgentEvent,
    CodeWasAnswered,
    EnvironmentChanged,
    FaultCaught,
    RecordAbsent,
    RecordingRefused,
    RecordOpened,
    ServicesOffered,
    StaffCallAnswered,
    Ticked,
    TransactionRecorded,
    TransactionSent,
    VerdictArrived,
)
from kiosk.domain.session.events.devices import (
    BarcodeScanned,
    CardInserted,
    CardRemoved,
    CardWasExamined,
    DeviceEvent,
    DocumentEnded,
    NumberAnswered,
    NumberPinSealed,
    PinChecked,
    PinDigitsCounted,
    PinWasSet,
    PrintEnded,
    SigningFailed,
    StaffCardInserted,
    StaffCodeAnswered,
    StaffCodePressed,
    StaffJoined,
    StaffLeft,
    StaffNotJoined,
    TransactionSigned,
)
from kiosk.domain.session.events.person import (
    ActionPressed,
    BackPressed,
    CallStaffPressed,
    ChangePressed,
    CodePressed,
    ConfirmPressed,
    ContinuePressed,
    ContrastPressed,
    DeskPressed,
    DocumentAgainPressed,
    EndPressed,
    FeedbackPressed,
    HelpEnded,
    HelperTypesToggled,
    HelpPressed,
    LanguageChosen,
    LanguagePressed,
    LifeEventChosen,
    LowerScreenPressed,
    OverlayClosed,
    PersonEvent,
    PrintAgainPressed,
    ScreenTouched,
    ServiceChosen,
    SignPressed,
    StopPressed,
    TextSizePressed,
    Typed,
    WithoutCardPressed,
)

Event = PersonEvent | DeviceEvent | AgentEvent

__all__ = [
    "ActionPressed", "AgentEvent", "BackPressed", "BarcodeScanned", "CallStaffPressed", "CardInserted",
    "CardRemoved", "CardWasExamined", "ChangePressed", "CodePressed", "CodeWasAnswered", "ConfirmPressed",
    "ContinuePressed", "ContrastPressed", "DeskPressed", "DeviceEvent", "DocumentAgainPressed", "DocumentEnded",
    "EndPressed", "EnvironmentChanged", "Event", "FaultCaught", "FeedbackPressed", "HelpEnded", "HelpPressed",
    "HelperTypesToggled", "LanguageChosen", "LanguagePressed", "LifeEventChosen", "LowerScreenPressed",
    "NumberAnswered", "NumberPinSealed", "OverlayClosed", "PersonEvent", "PinChecked", "PinDigitsCounted",
    "PinWasSet", "PrintAgainPressed", "PrintEnded", "RecordAbsent", "RecordOpened", "RecordingRefused",
    "ScreenTouched", "ServiceChosen", "ServicesOffered", "SignPressed", "SigningFailed", "StaffCallAnswered",
    "StaffCardInserted", "StaffCodeAnswered", "StaffCodePressed", "StaffJoined", "StaffLeft", "StaffNotJoined",
    "StopPressed", "TextSizePressed", "Ticked", "TransactionRecorded", "TransactionSent", "TransactionSigned",
    "Typed", "VerdictArrived", "WithoutCardPressed",
]  # fmt: skip
