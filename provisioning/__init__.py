"""From a box to a terminal in service: its keys, its enrolment, its one configuration file.

`key_store` keeps the secrets and says how well they are kept, `enrolment` turns a one-time code into an identity,
`configuration` reads `terminal.toml`, `cli` is `guichet provision`.
"""
