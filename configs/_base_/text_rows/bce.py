"""BCE: plain binary cross entropy."""

model = dict(head=dict(loss=dict(type='BCELoss')))
