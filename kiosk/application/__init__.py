"""Use cases of a visit over ports: one event in, `advance`, the effects out through a port each.

- terminal: the loop, and the only catch-all; visit_ports: what it works with, and its threads
- opening, at_the_pad, acting, printing: how the effects of each stretch of the way are carried out
- trust: what the installation's root and the signed reference data make believable
- open_record: ask for the holder's record, read the answer
- submit: build, sign and seal a transaction; read the verdict
- by_code: a code from a notice or a receipt
- issue_receipt: what stands on the paper
- visit_secrets: the little that lives outside the session, and dies with the visit
"""
