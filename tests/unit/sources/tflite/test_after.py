"""What a file does after its graph is said with every option."""

import numpy as np

from convert.sources.tflite.after import after
from convert.sources.tflite.cut_off import DetectionPostprocess, PoseDecoding


def test_a_detectors_post_processing_is_said_with_its_anchors_and_options():
    found = after(
        DetectionPostprocess(
            boxes="b",
            scores="s",
            anchors=np.zeros((12, 4), np.float32),
            classes=90,
            max_detections=10,
            max_classes_per_detection=1,
            detections_per_class=100,
            regular_nms=False,
            score_threshold=1e-8,
            iou_threshold=0.6,
            y_scale=10.0,
            x_scale=10.0,
            h_scale=5.0,
            w_scale=5.0,
        )
    )
    assert found.operator == "TFLite_Detection_PostProcess"
    assert found.reads == {"boxes": "b", "scores": "s"}
    assert found.options["iou_threshold"] == 0.6
    assert "12 anchors" in found.says
    assert all(key in found.says for key in found.options)


def test_a_pose_decoder_is_said_with_what_it_reads():
    found = after(
        PoseDecoding(
            heatmaps="h",
            offsets="o",
            displacements="d",
            max_detections=20,
            score_threshold=0.2,
            stride=16,
            nms_radius=10.0,
        )
    )
    assert found.operator == "PosenetDecoderOp"
    assert found.reads == {"heatmaps": "h", "offsets": "o", "displacements": "d"}
    assert found.options["stride"] == 16
