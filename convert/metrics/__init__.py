"""What a model is measured by: the table of metric backends."""

from convert.metrics import (
    coco_map,
    detection,
    landmarks,
    miou,
    parity,
    person_iou,
    similarity,
    top_k,
)
from convert.metrics.base import MetricBackend
from convert.vocabulary import MetricName

METRICS: dict[MetricName, MetricBackend] = {
    "miou": miou,
    "person_iou": person_iou,
    "top_k": top_k,
    "similarity": similarity,
    "detection": detection,
    "coco_map": coco_map,
    "landmarks": landmarks,
    "parity": parity,
}
