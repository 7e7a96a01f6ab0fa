"""What a model is measured by: the table of metric backends."""

from convert.metrics import miou, top_k
from convert.metrics.base import MetricBackend
from convert.vocabulary import MetricName

METRICS: dict[MetricName, MetricBackend] = {"miou": miou, "top_k": top_k}
