"""Sound files of every kind that is read, small, and made by code."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image

CLASSES = ['cat', 'dog', 'owl']
# What makes a training of 50 milliseconds of a config.
SMALL = (
    'data_root=data model.backbone.type=ConvNet model.backbone.channels=[2,4] '
    'train_dataloader.batch_size=4 train_dataloader.num_workers=0 test_dataloader.num_workers=0 '
    'image_size=16 metric.head=8 metric.tail=4'
).split()
NECK = ['model.neck.out_features=8']
SELECTED = ['val_fraction=0.3', 'select=best', 'ema=0.9']
FORMS = ('png', 'jpg', 'tif', 'gif', 'bmp', 'webp')
# The commands that train the sound runs.
TRAININGS = [
    f'train custom/{row} --work-dir runs/custom/{row} --cfg-options epochs=1'.split() + SMALL + NECK
    for row in ('erm', 'rs', 'r_bce', 'db')
] + [
    'train custom/erm --work-dir selected --cfg-options epochs=1'.split() + SMALL + NECK + SELECTED
]


def write_sound(folder: Path) -> None:
    """Writes all that needs no training."""
    for suffix in ('csv', 'json', 'jsonl'):
        write_tables(folder / f'data_{suffix}', suffix)
    shutil.copytree(folder / 'data_csv', folder / 'data')
    write_vectors(folder)
    write_coco(folder / 'coco')
    write_voc(folder / 'voc', xml=False)
    write_voc(folder / 'voc_xml', xml=True)
    for form in FORMS:
        write_picture(folder / f'pictures/a.{form}', 40, 50)


def write_tables(folder: Path, suffix: str) -> None:
    """Writes a data set of one's own: pictures and two tables."""
    for split, count in (('train', 12), ('test', 6)):
        names = [f'{split}{i}.{FORMS[i % len(FORMS)]}' for i in range(count)]
        for i, name in enumerate(names):
            write_picture(folder / name, 33, 40 + i + 20 * (split == 'test'))
        shown = [[0], [0, 1], [0, 1, 2], [0, 2]] * 3
        rows = list(zip(names, shown, strict=False))
        (folder / f'{split}.{suffix}').write_text(_TABLES[suffix](rows))


def _as_csv(rows: list) -> str:
    cells = [['image', *CLASSES]]
    cells += [[name, *(int(c in shown) for c in range(3))] for name, shown in rows]
    return ''.join(','.join(map(str, row)) + '\n' for row in cells)


def _as_json(rows: list) -> str:
    data_list = [{'img_path': name, 'labels': shown} for name, shown in rows]
    metainfo = {'classes': CLASSES, 'built': {'from': 'own data', 'subset': 'all'}}
    return json.dumps({'metainfo': metainfo, 'data_list': data_list})


def _as_jsonl(rows: list) -> str:
    lines = [{'image': name, 'labels': [CLASSES[c] for c in shown]} for name, shown in rows]
    return ''.join(json.dumps(line) + '\n' for line in lines)


_TABLES = {'csv': _as_csv, 'json': _as_json, 'jsonl': _as_jsonl}


def write_picture(path: Path, height: int, width: int) -> None:
    """Writes a smooth picture with an EXIF block, in the form that the suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.stack([5 * x, 6 * y, 2 * (x + y)], axis=2).astype(np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.ImageDescription] = 'a picture'
    kept = {'exif': exif} if path.suffix in ('.png', '.jpg', '.tif', '.webp') else {}
    Image.fromarray(pixels).save(path, **kept)


def write_vectors(folder: Path) -> None:
    """Writes word vectors in each of their forms."""
    (folder / 'vectors').mkdir()
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4) / 7
    np.save(folder / 'vectors/vectors.npy', vectors)
    np.savez(folder / 'vectors/vectors.npz', classes=np.array(CLASSES), vectors=vectors)
    lines = [' '.join(map(str, [name, *row])) for name, row in zip(CLASSES, vectors, strict=True)]
    (folder / 'vectors/glove.txt').write_text('\n'.join([*lines, 'the 1 2 3 4', '']))


def write_coco(folder: Path) -> None:
    """Writes the two files of COCO's annotations that are read."""
    (folder / 'annotations').mkdir(parents=True)
    categories = [{'id': c + 1, 'name': name} for c, name in enumerate(CLASSES)]
    for split in ('train2017', 'val2017'):
        images = [
            {'id': i, 'file_name': f'{i:012d}.jpg', 'height': 9, 'width': 9} for i in range(6)
        ]
        annotations = [
            {'id': i, 'image_id': i, 'category_id': i % 3 + 1, 'area': 9.5, 'iscrowd': 0}
            | {'bbox': [1, 2, 3.5, 4], 'segmentation': [[1, 2, 3, 4]]}
            for i in range(6)
        ]
        content = {'images': images, 'annotations': annotations, 'categories': categories}
        (folder / f'annotations/instances_{split}.json').write_text(json.dumps(content))
    (folder / 'ids.txt').write_text('0\n3\n5\n')


def write_voc(folder: Path, xml: bool) -> None:
    """Writes a VOC devkit of ten images a year, with class files or with XML alone."""
    from dbl.dataset_tools.voc import CLASSES as NAMES

    for year, split in ((2012, 'trainval'), (2007, 'test')):
        main, notes = (folder / f'VOC{year}' / name for name in ('ImageSets/Main', 'Annotations'))
        main.mkdir(parents=True)
        notes.mkdir()
        ids = [f'{year}_{i:06d}' for i in range(10)]
        (main / f'{split}.txt').write_text('\n'.join([*ids, '']))
        for c, name in enumerate([] if xml else NAMES):
            lines = [f'{own} {1 if c in (i, 2 * i) else -1}\n' for i, own in enumerate(ids)]
            (main / f'{name}_{split}.txt').write_text(''.join(lines))
        for i, own in enumerate(ids if xml else []):
            (notes / f'{own}.xml').write_text(_as_xml(own, [NAMES[i], NAMES[2 * i]]))


def _as_xml(image: str, names: list[str]) -> str:
    objects = ''.join(
        f'<object><name>{name}</name><difficult>{c}</difficult><bndbox><xmin>1</xmin></bndbox>'
        '</object>\n'
        for c, name in enumerate(names)
    )
    return f'<annotation>\n<filename>{image}.jpg</filename>\n{objects}</annotation>\n'


def write_trained(folder: Path) -> None:
    """Writes, once the runs are trained, what is made of them."""
    for path in folder.glob('**/run.json'):
        _fix_times(path)
    content = torch.load(folder / 'runs/custom/erm/epoch_1.pth', weights_only=True)
    write_old_forms(folder, content)
    write_middle(folder, content)


def _fix_times(path: Path) -> None:
    """So that the same damage gives the same bytes whenever a run was trained."""
    run = json.loads(path.read_text())
    run['starts'][0] |= {'at': '2026-01-02T03:04:05+00:00', 'launch': 'None 1'}
    path.write_text(json.dumps({**run, 'seconds': 1.25}, indent=1))
    scalars = path.parent / 'vis_data/scalars.json'
    scalars.write_text(re.sub(r'(time": )[\d.e-]+', r'\g<1>0.01', scalars.read_text()))


def write_middle(folder: Path, content: dict) -> None:
    """Writes a run that was stopped in the middle of its first epoch."""
    (folder / 'middle').mkdir()
    shutil.copy(folder / 'runs/custom/erm/run.json', folder / 'middle')
    meta = {**content['meta'], 'iter': 2, 'epoch': 0}
    log = {'loss': [0.7, 0.7], 'time': [0.1, 0.1]}
    torch.save({**content, 'meta': meta, 'log': log}, folder / 'middle/iter_2.pth')


def write_old_forms(folder: Path, content: dict) -> None:
    """Writes a checkpoint in the older form of ``torch.save``, and as the released code."""
    (folder / 'old').mkdir()
    torch.save(content, folder / 'old/legacy.pth', _use_new_zipfile_serialization=False)
    state = {
        key.replace('head.fc.', 'head.fc_cls.'): value
        for key, value in content['state_dict'].items()
    }
    released = {'meta': {'epoch': 8, 'CLASSES': ('a', 'b')}, 'state_dict': state, 'optimizer': {}}
    torch.save(released, folder / 'old/released.pth', _use_new_zipfile_serialization=False)
    resnet = {'conv1.weight': torch.zeros(64, 3, 7, 7), 'bn1.weight': torch.ones(64)}
    torch.save(resnet, folder / 'old/resnet.pth')
