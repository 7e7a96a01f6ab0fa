function nearest(grid, height, width, corners) {
  const rows = nearestIndices(grid.height, height, corners);
  const columns = nearestIndices(grid.width, width, corners);
  const {channels} = grid;
  const data = new grid.data.constructor(height * width * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * grid.width + column) * channels;
      for (let c = 0; c < channels; c++) data[to++] = grid.data[from + c];
    }
  }
  return {height, width, channels, data};
}

function nearestIndices(old, size, corners) {
  const shift = corners === 'half_pixel' ? 0.5 : 0;
  const step = stepOf(old, size, corners);
  return Int32Array.from({length: size}, (_, i) => {
    const place = f32((i + shift) * step);
    const whole = Math.floor(place);
    return Math.min(corners === 'align' && place - whole >= 0.5 ? whole + 1 : whole, old - 1);
  });
}
