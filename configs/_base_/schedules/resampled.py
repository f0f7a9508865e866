"""8 epochs, for the rows with re-sampling."""

epochs = 8
schedule = dict(milestones=[5, 7])
