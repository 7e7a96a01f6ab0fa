// A grid is {height, width, channels, data}: rows, columns, channels, the last the fastest.

/** A rectangle of a grid, with the first `channels` of each pixel. */
function part(grid, box, channels = grid.channels) {
  if (box.height === grid.height && box.width === grid.width && channels === grid.channels) return grid;
  const data = new grid.data.constructor(box.height * box.width * channels);
  for (let y = 0, to = 0; y < box.height; y++) {
    let from = ((box.top + y) * grid.width + box.left) * grid.channels;
    for (let x = 0; x < box.width; x++, from += grid.channels) {
      for (let c = 0; c < channels; c++) data[to++] = grid.data[from + c];
    }
  }
  return {height: box.height, width: box.width, channels, data};
}
