"""The back office: the reference server that terminals sync with, its desk, and its partners.

`app` is the HTTP API, `intake` receives, `decisions` and `firewall` decide, `outbox` tells partners,
`rounds` keeps all of it moving, `repository` holds all SQL, `cli` the verbs of `guichet back-office`.
"""
