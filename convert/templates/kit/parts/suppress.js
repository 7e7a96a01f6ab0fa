/** [row, class] of each detection, the best first: boxes that better ones cover are left out. */
function suppress(corners, scores, classes, first, how) {
  const rows = corners.length / 4;
  const at = (row, c) => scores[row * classes + c];
  let found = [];
  if (how.per_class) {
    for (let c = first; c < classes; c++) {
      found.push(...kept(corners, Array.from({length: rows}, (_, r) => [r, c]), at, how));
    }
  } else {
    found = kept(corners, Array.from({length: rows}, (_, r) => {
      let best = first;
      for (let c = first + 1; c < classes; c++) if (at(r, c) > at(r, best)) best = c;
      return [r, best];
    }), at, how);
  }
  return found.sort((a, b) => at(...b) - at(...a)).slice(0, how.max_detections);
}

function kept(corners, all, at, how) {
  let candidates = all.filter((one) => at(...one) >= f32(how.score_threshold));
  candidates.sort((a, b) => at(...b) - at(...a));
  const found = [];
  while (candidates.length && found.length < how.max_detections) {
    const [best, ...others] = candidates;
    found.push(best);
    candidates = others.filter((one) => overlap(corners, best[0], one[0]) <= how.iou_threshold);
  }
  return found;
}

/** Intersection over union of two boxes (top, left, bottom, right). */
function overlap(corners, one, other) {
  const [a, b] = [4 * one, 4 * other];
  const side = (i) => Math.max(
    0, Math.min(corners[a + i + 2], corners[b + i + 2]) - Math.max(corners[a + i], corners[b + i]));
  const area = (i) => Math.max(0, corners[i + 2] - corners[i]) * Math.max(0, corners[i + 3] - corners[i + 1]);
  const common = side(0) * side(1);
  const union = area(a) + area(b) - common;
  return union > 0 ? common / union : 0;
}
