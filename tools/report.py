"""Write one page on finished runs: tables, curves, figures, configurations, test pictures."""

from dbl.commands.report import main

if __name__ == '__main__':
    main()
