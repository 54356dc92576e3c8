-- This process's stdin (0), stdout (1) and stderr (2), and its terminal. For questions, colours and widths see `ui`.
-- Dependencies: core.tty.
return require "core.tty" --[[@as core.tty]]
