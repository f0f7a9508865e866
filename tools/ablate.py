"""Train a config with one value varied, over several seeds: a table and the curve of Figure 7."""

from dbl.commands.ablate import main

if __name__ == '__main__':
    main()
