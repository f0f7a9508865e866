from rich.console import Console

from dbl.results.metrics_table import metrics_table


def shown(metrics, **options) -> str:
    console = Console(width=100, record=True)
    console.print(metrics_table(metrics, 'x', **options))
    return console.export_text()


def test_percent_without_the_classes():
    text = shown({'mAP/total': 0.12345, 'mAP/tail': float('nan'), 'AP/cat': 1.0})
    assert '12.35' in text or '12.34' in text
    assert 'cat' not in text
    assert 'images' not in text


def test_each_line_says_which_images_and_weights_it_is_of():
    names = ('', 'val/', 'selected/', 'ema/val/', 'ema/selected/')
    metrics = {f'{name}mAP/total': 0.1 * i for i, name in enumerate(names)}
    epochs = {'selected/epoch': 4, 'ema/selected/epoch': 3}
    text = shown({**metrics, **epochs}, note='groups by the 9 images trained on')
    lines = [[cell.strip() for cell in line.split('│')[1:4]] for line in text.splitlines()]
    assert [line for line in lines if len(line) == 3] == [
        ['test', 'last epoch', '0.00'],
        ['val', 'last epoch', '10.00'],
        ['test', 'epoch 4', '20.00'],
        ['val', 'ema', '30.00'],
        ['test', 'ema, epoch 3', '40.00'],
    ]
    assert 'groups by the 9 images trained on' in text
