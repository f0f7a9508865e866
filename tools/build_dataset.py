"""Make a long-tailed multi-label data set: VOC-MLT, COCO-MLT, or a subset of your own data."""

from dbl.commands.build_dataset import main

if __name__ == '__main__':
    main()
