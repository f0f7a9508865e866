from pathlib import Path

from setuptools import find_namespace_packages, find_packages, setup

ROOT = Path(__file__).parent
TRAIN = (ROOT / 'requirements.txt').read_text(encoding='utf-8').splitlines()
# Losses, samplers, statistics and metrics need these alone.
BASE = ('torch', 'numpy', 'scipy')
CONFIGS = [f'dbl.configs.{name}' for name in find_namespace_packages('configs')]

setup(
    name='dbl',
    version='0.2.0',
    description='Distribution-Balanced Loss for long-tailed multi-label recognition, in PyTorch',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=[*find_packages(include=['dbl', 'dbl.*']), 'dbl.configs', *CONFIGS],
    package_dir={'dbl.configs': 'configs'},
    package_data={
        'dbl': ['py.typed'],
        'dbl.dataset_tools': ['published.json'],
        'dbl.models': ['weights/*.pth'],
        'dbl.report': ['page.html'],
    },
    python_requires='>=3.10',
    install_requires=[line for line in TRAIN if line.split('>')[0] in BASE],
    extras_require={
        'train': TRAIN,
        'cluster': ['submitit>=1.5'],
        'test': [
            *TRAIN,
            'pytest>=8.0',
            'hypothesis>=6.100',
            'ruff>=0.8',
            'mypy>=2.0',
            'selenium>=4.11',
            'submitit>=1.5',
            # The scripts of docs/own_loop.md.
            'lightning>=2.6',
            'accelerate>=1.15',
            'transformers>=5.24',
            # The site.
            'furo>=2025.9',
            'myst-parser>=4.0',
            'sphinx>=8.1',
        ],
    },
)
