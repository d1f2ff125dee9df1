"""Formats with cryptography: bytes in, bytes out, and a `Problem` for whatever a peer got wrong.

    canonical, strict_json, timestamps, fields     how values are spelled, and read
    problem                                        what can be wrong
    keys, certificates, trust, card_check          JWK and raw signatures; X.509; who may do what; a whole card
    signed, sealed                                 JWS and JWE: the only two modules that know joserfc, which writes what they read
    sealed_record                                  a person's record on a terminal: opens with the owner's card only
    feed                                           the frames in which sealed records come to a terminal
    envelope                                       transactions: signed by the card, sealed to the back office
    question, answer, verdict                      what a visit asks, and what it is told
    reference_data                                 the signed bundle every terminal holds
    visit_pass                                     who takes part in a visit without a card: the back office's word on it
    receipt                                        the statement in a receipt's QR code
    request_signatures                             RFC 9421 between terminal and back office
    journal_chain                                  the hash that ties journal entries together

Rules:
- Nothing in here raises because of its input, opens a file, or asks what time it is.
"""
