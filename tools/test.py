"""Test a checkpoint and print mAP total, head, medium and tail."""

from dbl.commands.test import main

if __name__ == '__main__':
    main()
