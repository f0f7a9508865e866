"""Learn on images for validation which scores are enough for which class."""

from dbl.commands.decide import main

if __name__ == '__main__':
    main()
