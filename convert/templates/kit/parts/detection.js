function onPicture(y, x, placement) {
  const [down, across] = toPicture(y * placement.input[0], x * placement.input[1], placement);
  return {x: across, y: down};
}

function detection(label, score, corners, placement, keypoints) {
  const {x: left, y: top} = onPicture(corners[0], corners[1], placement);
  const {x: right, y: bottom} = onPicture(corners[2], corners[3], placement);
  return {label, name: LABELS[label] ?? String(label), score, top, left, bottom, right, keypoints};
}
