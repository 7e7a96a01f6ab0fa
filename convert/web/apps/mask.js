// From what a segmentation model says to how much of each pixel is kept.

/** Parts of 1 for each pixel: of one label, or (null) of all labels but the first. */
export function maskOf(answer, label) {
  const size = answer.width * answer.height;
  const mask = new Float32Array(size);
  if (answer.kind === 'labels') {
    for (let i = 0; i < size; i++) {
      mask[i] = (label === null ? answer.data[i] !== 0 : answer.data[i] === label) ? 1 : 0;
    }
    return mask;
  }
  const {channels, data, labels} = answer;
  // One channel is the chance of the last label, and what is left is the first one's.
  const single = channels === 1;
  const rest = label === null ? !single : single && label !== labels.length - 1;
  const channel = label === null || single ? 0 : label;
  for (let i = 0; i < size; i++) {
    const value = Math.min(1, Math.max(0, data[i * channels + channel]));
    mask[i] = rest ? 1 - value : value;
  }
  return mask;
}
