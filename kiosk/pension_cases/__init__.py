"""Cases from outside run through the pension rule sets: `guichet pension --rules ... --cases FILE.json`.

    cli         the verb
    running     a file's cases in order, its own parameters over the installed ones, agreement with expected results
    fields      one case's fields, read with a place for each mistake
    us, cz, cn, fr     what the fields of each format mean, and how its amounts are written
    writing     JSON with exact numbers; a table to read

The rules are `kiosk.domain.pension`; nothing is calculated here. `docs/pension.md` describes the format.
"""
