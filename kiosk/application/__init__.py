"""Use cases of a visit over ports: one event in, `advance`, the effects out through a port each.

- terminal: the loop, and the only catch-all
- trust: what the installation's root and the signed reference data make believable
- open_record: ask for the holder's record, read the answer
- submit: build, sign and seal a transaction; read the verdict
- by_code: a code from a notice or a receipt
- issue_receipt: what stands on the paper
- visit_secrets: the little that lives outside the session, and dies with the visit
"""
