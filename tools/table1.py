"""Train the rows of the paper's Table 1, and show what finished runs gave beside the paper."""

from dbl.commands.table1 import main

if __name__ == '__main__':
    main()
