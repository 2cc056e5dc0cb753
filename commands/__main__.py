"""`python -m commands` is `leads`."""

from commands.main import main

main()
