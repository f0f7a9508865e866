"""Run a config's frozen backbone once over all pictures, and keep its features in matrices."""

from dbl.commands.features import main

if __name__ == '__main__':
    main()
