"""Kill trainings at random moments, go on with --resume, and compare with one left alone."""

from dbl.commands.chaos import main

if __name__ == '__main__':
    main()
