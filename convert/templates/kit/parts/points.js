/** [x, y, further columns as they are] of each point, x and y in the picture's pixels. */
function points(outputs, placement) {
  const {columns, units, output} = POST.points;
  const {data} = chosen(outputs, output);
  const [height, width] = units === 'fractions' ? placement.input : [1, 1];
  return Array.from({length: data.length / columns}, (_, i) => {
    const [x, y, ...others] = data.subarray(i * columns, (i + 1) * columns);
    const [down, across] = toPicture(y * height, x * width, placement);
    return [across, down, ...others];
  });
}
