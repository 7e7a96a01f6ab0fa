"""The peers: who makes which file, with which maker, in which environment."""

from dataclasses import dataclass

from convert.vocabulary import Target


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to make a file, with its tool's own defaults."""

    name: str
    title: str
    target: Target
    maker: str
    """A script of `makers/`; it runs alone, and needs nothing of ours."""
    mode: str
    environment: str | None = None
    """A list of pinned packages in `pins/`; None: convert's own environment."""
    packages: tuple[str, ...] = ()
    """Whose versions decide what it makes."""


_LITERT = ("tensorflow",)
_ORT = ("onnxruntime", "onnx")
_TFJS = ("tensorflowjs", "tensorflow")

PEERS = (
    Peer(
        name="tflite-converter", title="TFLiteConverter full integer", target="tflite",
        maker="tflite_converter", mode="integer", packages=_LITERT,
    ),
    Peer(
        name="tflite-dynamic", title="TFLiteConverter dynamic", target="tflite",
        maker="tflite_converter", mode="dynamic", packages=_LITERT,
    ),
    Peer(
        name="ai-edge-static", title="ai-edge-quantizer static", target="tflite",
        maker="ai_edge", mode="static", environment="ai-edge-quantizer",
    ),
    Peer(
        name="ai-edge-dynamic", title="ai-edge-quantizer dynamic", target="tflite",
        maker="ai_edge", mode="dynamic", environment="ai-edge-quantizer",
    ),
    Peer(
        name="onnxruntime-static", title="onnxruntime static, its defaults (per tensor)",
        target="onnx", maker="onnxruntime_static", mode="default", packages=_ORT,
    ),
    Peer(
        name="onnxruntime-per-channel", title="onnxruntime static, U8S8 per channel",
        target="onnx", maker="onnxruntime_static", mode="per channel", packages=_ORT,
    ),
    Peer(
        name="onnxruntime-dynamic", title="onnxruntime dynamic", target="onnx",
        maker="onnxruntime_dynamic", mode="default", packages=_ORT,
    ),
    Peer(
        name="nncf-default", title="NNCF post-training, its defaults", target="onnx",
        maker="nncf_ptq", mode="performance", environment="nncf",
    ),
    Peer(
        name="nncf-mixed", title="NNCF post-training, mixed preset", target="onnx",
        maker="nncf_ptq", mode="mixed", environment="nncf",
    ),
    Peer(
        name="tensorflowjs-uint8", title="tensorflowjs_converter --quantize_uint8", target="tfjs",
        maker="tensorflowjs_converter", mode="uint8", packages=_TFJS,
    ),
    Peer(
        name="tensorflowjs-uint16", title="tensorflowjs_converter --quantize_uint16",
        target="tfjs", maker="tensorflowjs_converter", mode="uint16", packages=_TFJS,
    ),
    Peer(
        name="tensorflowjs-float16", title="tensorflowjs_converter --quantize_float16",
        target="tfjs", maker="tensorflowjs_converter", mode="float16", packages=_TFJS,
    ),
)  # fmt: skip
