const f32 = Math.fround;

/** A grid at another size, as TensorFlow's kernels (with antialias: Pillow) compute it. */
function resample(grid, height, width, how) {
  if (grid.height === height && grid.width === width) return grid;
  if (how.method === 'nearest') return nearest(grid, height, width, how.corners);
  return how.antialias ? antialiased(grid, height, width) : bilinear(grid, height, width, how.corners);
}

/** Pixels of the old grid per pixel of the new one. */
function stepOf(old, size, corners) {
  return corners === 'align' && size > 1 ? f32((old - 1) / (size - 1)) : f32(old / size);
}
