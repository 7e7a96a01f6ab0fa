const BITS = 22; // Pillow's weights of whole levels are whole numbers of so many bits.

/**
 * Pillow's bilinear, whose triangle widens by as much as the picture shrinks. Versions of Pillow
 * differ in which axis comes first, and so by one level here and there.
 */
function antialiased(grid, height, width) {
  const levels = !(grid.data instanceof Float32Array);
  const across = (one) => width === one.width ? one
    : acrossBy(one, weights(one.width, width, levels), width, levels);
  const down = (one) => height === one.height ? one
    : downBy(one, weights(one.height, height, levels), height, levels);
  const rowsFirst = height < grid.height && width > grid.width;
  return rowsFirst ? across(down(grid)) : down(across(grid));
}

function acrossBy(grid, taps, width, levels) {
  const {height, channels, data: from} = grid;
  const data = new grid.data.constructor(height * width * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const start = y * grid.width * channels;
    for (let x = 0; x < width; x++) {
      const {first, values} = taps[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = 0, at = start + first * channels + c; i < values.length; i++, at += channels) {
          sum += from[at] * values[i];
        }
        data[to++] = levels ? level(sum) : sum;
      }
    }
  }
  return {height, width, channels, data};
}

function downBy(grid, taps, height, levels) {
  const {width, channels, data: from} = grid;
  const length = width * channels;
  const data = new grid.data.constructor(height * length);
  const sums = new Float64Array(length);
  for (let y = 0; y < height; y++) {
    const {first, values} = taps[y];
    sums.fill(0);
    for (let i = 0, at = first * length; i < values.length; i++) {
      const value = values[i];
      for (let j = 0; j < length; j++) sums[j] += from[at++] * value;
    }
    for (let j = 0, to = y * length; j < length; j++) data[to++] = levels ? level(sums[j]) : sums[j];
  }
  return {height, width, channels, data};
}

const level = (sum) => Math.min(255, Math.max(0, (sum + 2 ** (BITS - 1)) >> BITS));

function weights(old, size, levels) {
  const scale = old / size;
  const reach = Math.max(scale, 1);
  const slope = 1 / reach; // To divide by `reach` would round otherwise than Pillow does.
  return Array.from({length: size}, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(old, Math.trunc(centre + reach + 0.5));
    const values = Float64Array.from({length: last - first}, (_, j) =>
      Math.max(0, 1 - Math.abs((j + first - centre + 0.5) * slope)));
    const sum = values.reduce((total, one) => total + one, 0);
    return {first, values: values.map((one) => {
      const share = sum ? one / sum : one;
      return levels ? Math.floor(0.5 + share * 2 ** BITS) : share;
    })};
  });
}
