"""The headline figures, measured on the running product: `python -m benchmarks`, or `make bench`.

    successor_ready        a visit process from its start to loaded and hidden
    visit_turnover         the end of a visit to the next one on the screen
    tap_to_screen          a tap to the next page, each page for its first time in its process
    card_to_menu           card in to menu, beside OpenSC doing the same card work
    sign_to_receipt        last PIN key to first printed line
    visit_rss              what a visit occupies when its receipt is out
    visit_memory_growth    what thirteen thousand pages leave behind
    journal_append         an envelope until it is durable, beside plain SQLite doing the same commit

    figures     the rows, the table, results.json
    world       a whole office with its readers and printer in this process, on a screen that can be read
    screen      what is on that screen, and a finger on it
    visits      people who walk their visits, and what was seen of each

Rules:
- Nothing is replaced: real processes, pcscd, socket, disk and display. Only card, paper and fingers are simulated.
- What is timed is seen from outside: pixels in the frame buffer of the display, bytes at the printer, lines of the
  supervisor's log, answers on the link, the kernel's word on memory.
- Figures are medians (`tap_to_screen` is a 95th percentile). Peers do their work in the same run, turn by turn.
"""
