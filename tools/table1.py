"""Train the rows of the paper's Table 1, and show finished runs beside the paper's numbers."""

from dbl.commands.table1 import main

if __name__ == '__main__':
    main()
