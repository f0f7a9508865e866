"""Strike trainings in many ways, go on with --resume, and compare with one left alone."""

from dbl.commands.chaos import main

if __name__ == '__main__':
    main()
