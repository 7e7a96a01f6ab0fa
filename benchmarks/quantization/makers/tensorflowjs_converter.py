"""tensorflowjs_converter on the core's SavedModel, with one of its --quantize options."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Write what the job asks for."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from tensorflowjs.converters.converter import convert

    convert(
        [
            "--input_format=tf_saved_model",
            "--output_format=tfjs_graph_model",
            f"--quantize_{job['mode']}=*",
            job["saved_model"],
            job["out"],
        ]
    )


if __name__ == "__main__":
    main()
