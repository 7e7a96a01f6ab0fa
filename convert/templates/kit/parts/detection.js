function onPicture(y, x, placement) {
  const [down, across] = toPicture(y * placement.input[0], x * placement.input[1], placement);
  return {x: across, y: down};
}

function detection(label, score, corners, placement, keypoints) {
  const {x: left, y: top} = onPicture(corners[0], corners[1], placement);
  const {x: right, y: bottom} = onPicture(corners[2], corners[3], placement);
  const angle = angleOf(keypoints, POST.boxes?.upright);
  return {label, name: LABELS[label] ?? String(label), score, top, left, bottom, right, keypoints, angle};
}

function angleOf(keypoints, line) {
  if (!line) return 0;
  const [from, to] = [keypoints[line.start], keypoints[line.end]];
  const turned = line.degrees * Math.PI / 180 + Math.atan2(to.y - from.y, to.x - from.x);
  return turned - 2 * Math.PI * Math.floor((turned + Math.PI) / (2 * Math.PI));
}
