"""Make the word vectors of a data set's classes, for row ML-GCN, from a GloVe text file."""

from dbl.commands.word_vectors import main

if __name__ == '__main__':
    main()
