"""Simulated hardware that speaks the real protocols: a PIV card, a PIN pad, readers with a driver for the real pcscd.

`card` (from a card file) goes into a `slot`, which has a `pin_pad`. A slot is reached through pcscd (`reader` serves it to the
driver in `ifd/`, `pcscd` runs a private daemon) or in process (`in_process`).
"""
