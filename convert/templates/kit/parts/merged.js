/** Detections, the best first, from one output of decoded boxes and their scores. */
function detections(outputs, placement) {
  const how = POST.merged;
  const {shape, data} = chosen(outputs, how.output);
  const [rows, columns] = how.transposed ? [shape[2], shape[1]] : [shape[1], shape[2]];
  const at = (row, column) => data[how.transposed ? column * rows + row : row * columns + column];
  const [height, width] = how.units === 'pixels' ? placement.input : [1, 1];
  const begin = how.objectness ? 5 : 4;
  const classes = columns - begin;
  const corners = new Float32Array(4 * rows);
  const scores = new Float32Array(classes * rows);
  for (let row = 0; row < rows; row++) {
    let [left, top, right, bottom] = [0, 1, 2, 3].map((column) => at(row, column));
    if (how.box === 'xywh') {
      [left, top, right, bottom] = [left - right / 2, top - bottom / 2, left + right / 2, top + bottom / 2];
    }
    corners.set([top / height, left / width, bottom / height, right / width], 4 * row);
    for (let c = 0; c < classes; c++) {
      scores[row * classes + c] = at(row, begin + c) * (how.objectness ? at(row, 4) : 1);
    }
  }
  return suppress(corners, scores, classes, 0, how).map(([row, label]) =>
    detection(label, scores[row * classes + label], corners.subarray(4 * row), placement, []));
}
