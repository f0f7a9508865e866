"""Reuters as Huang et al. (EMNLP 2021) train on it, whatever the network."""

_base_ = ['../features.py']

val_source = dict(ann_file='val')
epochs = 40
# They take the epoch with the best micro F1 on validation.
select = 'best'
select_by = 'F1/micro'
optimizer = dict(type='AdamW', lr=1e-4, weight_decay=0.01, fused=True)
schedule = dict(milestones=[])  # a warm-up over an eighth, and no steps
metric = dict(head=35, tail=9)
