"""The agent: runs always, has no screen, sees sealed bytes only.

    server             one UNIX socket; who may speak, and which visit is served (`visits`)
    replies            what a visit asks, and what it is told
    delivery           the journal to the back office: at once, again, in order, never lost (`batches`: what one push is)
    redelivery         what a back office that was put back has forgotten of journals before this one
    line               is the line up; woken waits and backoff
    reference_keeper   signed reference data and their age
    cache_keeper       lent records, kept like the feed and handed out sealed; `sync` (pure) says what to ask next,
                       `feed_intake` writes what comes, `own_thread` is where the database connection lives
    heartbeat          what the back office should know about this terminal
    statement          the signed statement of a receipt
    process            all of it wired together; `cli` is `guichet agent`

One thread does everything that touches the journal; each exchange with the back office blocks a thread of its
own, and nothing waits for it. Kill the agent at any moment: what it acknowledged is there when it comes back.
"""
