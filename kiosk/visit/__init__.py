"""The visit: screens, card, pad and printer of one person; no network, no database.

    process    the ports wired to `application.terminal`, threads, and the way in and out
    rehearsal  a session for each page, so that none is slow when it comes
    readers    the visitor's card reader and the one of staff
    passing    pages that stand only while something works wait a moment before they are drawn
    printer    the receipt printer as the visit uses it
    cli        `guichet visit`: started hidden by the supervisor, shown when it gives the word

It lives for one visit. When it exits, the operating system takes its memory back.
"""
