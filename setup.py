from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent

setup(
    name='dbl',
    version='0.2.0',
    description='Distribution-Balanced Loss for long-tailed multi-label recognition, in PyTorch',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['dbl', 'dbl.*']),
    package_data={'dbl.report': ['page.html']},
    python_requires='>=3.10',
    install_requires=(ROOT / 'requirements.txt').read_text(encoding='utf-8').splitlines(),
    extras_require={
        'cluster': ['submitit>=1.5'],
        'test': [
            'pytest>=8.0',
            'hypothesis>=6.100',
            'ruff>=0.8',
            'selenium>=4.11',
            'submitit>=1.5',
        ],
    },
)
