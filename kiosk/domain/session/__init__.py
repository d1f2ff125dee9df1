"""One visit as a value: states, the events that move it, the effects it asks for, and `advance`.

    Welcome -> AwaitingCard -> ExaminingCard -> AwaitingPin -> OpeningRecord -> Menu
    Menu -> Answering -> Checking -> AwaitingSignature -> Signing
    Signing -> Recording -> Following -> ShowingReceipt -> Menu | TakingCard -> Ended

Before `Signing` is answered nothing has happened; after it the act stands and is recorded whatever
becomes of the card. Every path ends in `Ended`: card free, secrets forgotten.
"""
