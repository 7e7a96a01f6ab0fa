const ANCHORS = anchors(POST.boxes.anchors);

/** Detections, the best first, from raw boxes and scores of the anchors. */
function detections(outputs, placement) {
  const how = POST.boxes;
  const raw = outputs[how.boxes];
  const scores = outputs[how.scores];
  const rows = ANCHORS.length / 4;
  const pairs = 1 + how.keypoints; // the centre and the key points
  const [first, second] = how.order === 'xywh' ? [1, 0] : [0, 1]; // where y and x stand
  const places = new Float32Array(rows * pairs * 2);
  const corners = new Float32Array(rows * 4);
  for (let row = 0; row < rows; row++) {
    const [y, x, height, width] = ANCHORS.subarray(4 * row, 4 * row + 4);
    const at = row * (4 + 2 * how.keypoints);
    for (let i = 0; i < pairs; i++) {
      const from = at + (i ? 2 + 2 * i : 0);
      const to = 2 * (row * pairs + i);
      places[to] = raw.data[from + first] / how.scale[first] * height + y;
      places[to + 1] = raw.data[from + second] / how.scale[second] * width + x;
    }
    const size = (place) => {
      const value = raw.data[at + 2 + place] / how.scale[2 + place];
      return how.size_coding === 'exponential' ? Math.exp(value) : value;
    };
    const [down, across] = [size(first) * height / 2, size(second) * width / 2];
    const [cy, cx] = places.subarray(2 * row * pairs, 2 * row * pairs + 2);
    corners.set([cy - down, cx - across, cy + down, cx + across], 4 * row);
  }
  const classes = scores.shape.at(-1);
  const probable = probabilities(scores.data, classes, how);
  return suppress(corners, probable, classes, how.background ? 1 : 0, how).map(([row, label]) => {
    const keypoints = Array.from({length: how.keypoints}, (_, i) => {
      const from = 2 * (row * pairs + 1 + i);
      return onPicture(places[from], places[from + 1], placement);
    });
    return detection(label, probable[row * classes + label], corners.subarray(4 * row), placement, keypoints);
  });
}

function probabilities(data, classes, how) {
  if (how.activation === 'none') return data;
  const clipped = data.map((one) => Math.min(how.score_clipping, Math.max(-how.score_clipping, one)));
  return how.activation === 'softmax' ? softmax(clipped, classes) : sigmoid(clipped);
}
