"""Draw the paper's figures, from a config's labels or from finished runs, as PNG and PDF."""

from dbl.commands.plot import main

if __name__ == '__main__':
    main()
