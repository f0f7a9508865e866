"""Scores pictures with an exported model. It needs onnxruntime, numpy, and OpenCV alone."""

import json
import sys

import cv2
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
about = session.get_modelmeta().custom_metadata_map
size, classes = int(about['size']), json.loads(about['classes'])
pictures = [cv2.resize(cv2.imread(path), (size, size)) for path in sys.argv[2:]]
rgb = np.stack([cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) for picture in pictures])
(scores,) = session.run(None, {'pictures': rgb})
for path, row in zip(sys.argv[2:], scores, strict=True):
    best = row.argmax()
    print(path, classes[best], f'{row[best]:.3f}')
