"""Train a config, test its last epoch and print mAP total, head, medium and tail."""

from dbl.commands.train import main

if __name__ == '__main__':
    main()
