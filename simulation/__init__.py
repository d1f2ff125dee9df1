"""Whole worlds in one process: what cannot be tried on a real office, tried a hundred thousand times with a seed.

`power` cuts the supply of a real journal at any moment; `sync` lets terminals and a server live through everything a
line, a disk and a clock can do, beside an oracle that says what should have come of it; `cli` is `guichet simulate`.
"""
