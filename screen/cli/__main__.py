"""`python -m screen.cli` is `herscreen`: job scripts name the interpreter and need no search path."""

from screen.cli import main

main()
