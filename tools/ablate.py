"""Train a config with one of its values varied, over seeds: a table and the curve of Figure 7."""

from dbl.commands.ablate import main

if __name__ == '__main__':
    main()
