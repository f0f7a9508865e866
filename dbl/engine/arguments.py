import argparse

from mmengine.config import DictAction


class OptionsAction(DictAction):
    """mmengine's ``KEY=VALUE`` pairs; one without ``=`` is an error of usage."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        for pair in values:
            if '=' not in pair:
                parser.error(f"{option_string} takes KEY=VALUE, but got '{pair}'")
        super().__call__(parser, namespace, values, option_string)


def config_parser(description: str) -> argparse.ArgumentParser:
    """Makes the parser of a tool that runs a config."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='as configs/demo/db_focal.py')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm'], default='none')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionsAction,
        metavar='KEY=VALUE',
        help='override config values, as model.head.loss.beta=5',
    )
    return parser
