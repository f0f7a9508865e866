from setuptools import find_namespace_packages, find_packages, setup

# All else is in pyproject.toml, which cannot say that configs/ is installed as dbl.configs.
CONFIGS = [f'dbl.{name}' for name in find_namespace_packages(include=['configs', 'configs.*'])]
setup(packages=[*find_packages(include=['dbl', 'dbl.*']), *CONFIGS])
