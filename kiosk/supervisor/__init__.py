"""The supervisor: the only parent of visits, and of the agent.

    children        processes that die with their parent, and speak in lines
    agent_channel   telling the agent which visit is served
    shift           who is on the screen, who comes next: the rules of succession
    process         all of it together; `cli` is `guichet supervisor`

A visit lives for one visitor. While it is shown, its successor is started, loaded and hidden; when it ends, in
whatever way, the successor takes the screen at once and the agent closes the old id for ever. Paper that a visit leaves
hanging in the printer is cut off by its successor, before that prints anything.

Lines between supervisor and visit (JSON, one object a line):

    visit:       {"state": "ready"}              loaded, hidden, not connected to reader or agent
    supervisor:  {"left_paper": "open"}          cut off what a visit before you left ("open", "spoiled"); before or
                                                 after "open"
    supervisor:  {"open": "<visit id>"}          show yourself, connect
    visit:       {"state": "shown"}              on the screen, listening to the reader
    visit:       {"paper": "open"}               what hangs in the printer now ("cut", "open", "spoiled")
    visit:       {"state": "ended", "why": "…"}  off the screen; it exits once its paper is out
"""
