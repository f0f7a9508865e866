"""Measure time and memory on this machine, ours beside a baseline."""

from dbl.commands.benchmark import main

if __name__ == '__main__':
    main()
