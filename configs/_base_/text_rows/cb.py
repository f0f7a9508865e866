"""CB: focal loss, with class-balanced weights."""

model = dict(head=dict(loss=dict(type='ClassBalancedLoss', per='class', gamma=2.0, scale=5.0)))
