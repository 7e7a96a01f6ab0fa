/** The label of each pixel; the lowest of equals wins. */
function argmax(grid) {
  const {height, width, channels, data} = grid;
  const labels = channels <= 255 ? new Uint8Array(height * width) : new Int32Array(height * width);
  for (let i = 0, at = 0; i < labels.length; i++, at += channels) {
    let best = 0;
    for (let c = 1; c < channels; c++) if (data[at + c] > data[at + best]) best = c;
    labels[i] = best;
  }
  return {height, width, channels: 1, data: labels};
}
