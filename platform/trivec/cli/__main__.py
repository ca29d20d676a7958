"""`python -m trivec.cli`: the same as `trivec`, for when the script is not on the path."""

from trivec.cli.app import main

main()
