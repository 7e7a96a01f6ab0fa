/** Columns, then rows, each near + (far - near) * share, in float32. */
function bilinear(grid, height, width, corners) {
  const {channels} = grid;
  const across = neighbours(grid.width, width, corners);
  const down = neighbours(grid.height, height, corners);
  const length = width * channels;
  const wide = new Map();
  const row = (y) => {
    if (!wide.has(y)) wide.set(y, mixedRow(grid, y, across, length));
    return wide.get(y);
  };
  const data = new Float32Array(height * length);
  for (let y = 0, to = 0; y < height; y++) {
    const top = row(down.near[y]);
    const bottom = row(down.far[y]);
    const share = down.share[y];
    for (let i = 0; i < length; i++) data[to++] = f32(f32(bottom[i] - top[i]) * share) + top[i];
    // Rows come in order: those above the upper neighbour are not asked for again.
    if (wide.size > 4) for (const old of wide.keys()) if (old < down.near[y]) wide.delete(old);
  }
  return {height, width, channels, data};
}

function mixedRow(grid, y, {near, far, share}, length) {
  const {channels, data} = grid;
  const start = y * grid.width * channels;
  const mixed = new Float32Array(length);
  for (let x = 0, to = 0; x < near.length; x++) {
    const left = start + near[x] * channels;
    const right = start + far[x] * channels;
    for (let c = 0; c < channels; c++) {
      const base = data[left + c];
      mixed[to++] = f32(f32(data[right + c] - base) * share[x]) + base;
    }
  }
  return mixed;
}

/** The two old indices of each new pixel along one axis, and the second one's share. */
function neighbours(old, size, corners) {
  const shift = corners === 'half_pixel' ? 0.5 : 0;
  const step = stepOf(old, size, corners);
  const near = new Int32Array(size);
  const far = new Int32Array(size);
  const share = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const place = f32(f32((i + shift) * step) - shift);
    const whole = Math.floor(place);
    near[i] = Math.max(whole, 0);
    far[i] = Math.min(Math.ceil(place), old - 1);
    share[i] = place - whole;
  }
  return {near, far, share};
}
