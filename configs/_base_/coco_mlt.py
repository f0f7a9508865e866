_base_ = 'custom.py'

data_root = '{{$DBL_DATA:data}}/coco_mlt'
model = dict(head=dict(num_classes=80))
