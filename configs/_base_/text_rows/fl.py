"""FL: focal loss."""

model = dict(head=dict(loss=dict(type='FocalLoss', scale=0.5)))
