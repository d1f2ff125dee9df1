"""Simulations: what the product's own rules do over a seeded, synthetic country or office.

    guichet simulate scope --seed 7      which records are where they are needed, and what that costs
    guichet simulate power-cuts          a real journal whose power is cut at any moment (`power`)
    guichet simulate sync                terminals and a server through every fault, beside an oracle (`sync`)

Rules:
- The same seed gives the same result; nothing here is about a real person or a real office.
- The rules are the product's (`back_office.scope`), called, never rewritten; what is assumed about people stands in one place.
- Nothing of the product imports this package.
"""
