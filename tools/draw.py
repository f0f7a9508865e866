"""Draw scenes of the demo into files, with a table of their labels."""

from dbl.commands.draw import main

if __name__ == '__main__':
    main()
