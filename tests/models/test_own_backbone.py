"""A backbone of one's own, as docs/backbones.md shows it."""

import re
import sys

import torch

from dbl.config import load_config
from dbl.experiment import build_experiment
from dbl.registry import MODELS


def test_a_backbone_of_one_s_own_is_imported_by_its_config(root, monkeypatch, tmp_path):
    text = (root / 'docs/backbones.md').read_text()
    module, config = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    (tmp_path / 'my_nets.py').write_text(module)
    (tmp_path / 'mine.py').write_text(config.replace("'../voc_mlt", f"'{root}/configs/demo"))
    monkeypatch.syspath_prepend(tmp_path)
    try:
        model = build_experiment(load_config(tmp_path / 'mine.py')).model.eval()
        assert type(model.backbone).__name__ == 'Patches'
        assert model.backbone(torch.zeros(1, 3, 64, 64)).shape == (1, 128, 4, 4)
        assert model.neck.fc.in_features == 128
    finally:
        MODELS.module_dict.pop('Patches', None)
        sys.modules.pop('my_nets', None)
