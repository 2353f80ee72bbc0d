"""``python -m huiqi``: the program without its name on the path."""

from huiqi.cli import main

main()
