"""What a model is measured by: the table of metric backends."""

from convert.metrics import detection, landmarks, miou, parity, person_iou, similarity, top_k
from convert.metrics.base import MetricBackend
from convert.vocabulary import MetricName

METRICS: dict[MetricName, MetricBackend] = {
    "miou": miou,
    "person_iou": person_iou,
    "top_k": top_k,
    "similarity": similarity,
    "detection": detection,
    "landmarks": landmarks,
    "parity": parity,
}
