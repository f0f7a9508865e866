"""Make TF-IDF features of the texts in a data folder, by scikit-learn."""

from dbl.commands.tfidf import main

if __name__ == '__main__':
    main()
