"""The bench of a terminal without hardware: hands, cards, paper, line, and eyes for scripts."""
