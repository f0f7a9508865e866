"""80 epochs, for the rows without re-sampling."""

epochs = 80
# Released code: 55 and 70. Paper: not given; a comment in the released COCO config says 75.
schedule = dict(milestones=[55, 70])
