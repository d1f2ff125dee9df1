"""Everything with a plug: chip cards and their readers, PIN pads, printers, scanners.

Protocol modules (`tlv`, `apdu`, `profiles`, `pin_pad`, `card_session`) take and give bytes over the port of `transport`;
`pcsc_reader` is the only door to pyscard; `simulators` are real implementations of the ports for bench and tests.
"""
