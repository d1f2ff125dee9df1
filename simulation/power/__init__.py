"""Power cuts: the real journal's file calls, recorded, and every disk that a cut between two of them may leave.

`file_calls.c` records, `recording` runs the real journal under it, `trace` reads what was recorded, `disk` says what a disk
may hold at a cut, `trial` starts the real journal on such a disk and compares, `run` does so many times.
"""
