"""Measure time and memory on this machine, ours against a baseline."""

from dbl.commands.benchmark import main

if __name__ == '__main__':
    main()
