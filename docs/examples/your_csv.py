"""A folder of pictures and two CSV files: check it, train on it, test it, in a few minutes.

python docs/examples/your_csv.py my_photos

Without a folder, the script draws one, so that you see what it takes.
"""

import csv
import sys
from pathlib import Path

import cv2

import dbl
from dbl.datasets import ShapesMLT


def draw_folder(folder: Path) -> Path:
    """Pictures, and train.csv and test.csv: `image,cat,dog,...`, a cell 0 or 1 per class."""
    (folder / 'images').mkdir(parents=True, exist_ok=True)
    for split in ('train', 'test'):
        source = ShapesMLT(split)
        classes, rows = source.annotations.classes, source.annotations.label_indices[:1200]
        with open(folder / f'{split}.csv', 'w', newline='') as file:
            table = csv.writer(file)
            table.writerow(['image', *classes])
            for i, row in enumerate(rows):
                name = f'images/{split}_{i}.png'
                cv2.imwrite(str(folder / name), source.read(i))
                table.writerow([name, *(int(c in row) for c in range(len(classes)))])
    return folder


folder = Path(sys.argv[1]) if len(sys.argv) > 1 else draw_folder(Path('my_photos'))

config = dbl.load_config(
    'custom/db_focal',
    {
        'data_root': str(folder),
        'image_size': 64,  # 224 for photographs, and delete the next two lines
        'model.backbone': dict(type='ConvNet', channels=[16, 32, 64, 192], weights='SHAPES'),
        'epochs': 2,
        'schedule.milestones': [1],
        'train_dataloader.num_workers': 0,
        'test_dataloader.num_workers': 0,
    },
)
experiment = dbl.build_experiment(config)  # a wrong table or value is named here
metrics = dbl.train(experiment, 'work_dirs/my_photos')  # a new folder for each run
print({name: round(100 * value, 1) for name, value in metrics.items() if name.startswith('mAP')})
