"""Terminals and one server in a world where everything goes wrong, beside an oracle that says what should have come of it.

`plan` draws who does what where and when, `people` makes their cards, `mint` signs and seals; `terminal` is a terminal's
journal and delivery, `server` the back office, `line` what lies between, `failpoints` kills either between two writes;
`virtual_time` lets a month pass in minutes; `oracle` is the small model, `judge` compares, `world` plays it all.
"""
