"""Train a linear support vector machine on features, and print its F1 by group."""

from dbl.commands.svm import main

if __name__ == '__main__':
    main()
