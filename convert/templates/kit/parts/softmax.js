/** Probabilities over each run of `channels` values. */
function softmax(data, channels) {
  const found = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += channels) {
    let most = data[at];
    for (let c = 1; c < channels; c++) most = Math.max(most, data[at + c]);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += found[at + c] = Math.exp(data[at + c] - most);
    for (let c = 0; c < channels; c++) found[at + c] /= sum;
  }
  return found;
}
