"""A whole office on one machine: for a newcomer's first look, for scripts, and for end-to-end tests.

    office      the processes, started in their order and stopped together
    screen      a virtual display with its accessibility bus, where there is no real one
    person      a person at the terminal, who looks, points, inserts and types
    visits      the scripted visits
    evidence    what the databases and partner files say happened
    cli         `guichet demo`

Nothing here knows a shortcut: every step goes through the verbs, the devices and the screens that people use.
"""
