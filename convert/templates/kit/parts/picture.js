/** An RGBA picture of the size of the one that was given. */
function painted(outputs, placement) {
  const how = POST.picture;
  const map = gridOf(chosen(outputs, how.output));
  const content = part(map, contentOn(placement, map.height, map.width));
  const [height, width] = placement.picture;
  const {data: values} = resample(content, height, width, how.restore);
  const order = how.channels === 'BGR' ? [2, 1, 0] : [0, 1, 2];
  const data = new Uint8ClampedArray(4 * height * width); // it rounds halves to even, and NaN to 0
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = values[3 * i + order[c]] * how.scale + how.offset;
    data[4 * i + 3] = 255;
  }
  return {width, height, data};
}
