/** [N, 4]: centre y, centre x, height, width, in parts of the input; by layer, row, column, shape. */
function anchors(spec) {
  const layers = spec.strides.length ? spec.strides : spec.feature_maps;
  const found = [];
  for (let layer = 0; layer < layers.length;) {
    const same = [layer];
    const alike = (other) => String(layers[other]) === String(layers[layer]);
    while (same.at(-1) + 1 < layers.length && alike(same.at(-1) + 1)) same.push(same.at(-1) + 1);
    const [rows, columns] = cells(spec, layer);
    const sides = same.flatMap((one) => shapes(one, layers.length, spec)).map(([scale, ratio]) =>
      spec.fixed_anchor_size ? [1, 1] : [scale / Math.sqrt(ratio), scale * Math.sqrt(ratio)]);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const centre = [(y + spec.anchor_offset[0]) / rows, (x + spec.anchor_offset[1]) / columns];
        for (const [height, width] of sides) found.push(...centre, height, width);
      }
    }
    layer = same.at(-1) + 1;
  }
  const {step} = spec;
  return Float32Array.from(step === null ? found : found.map((one) => halfEven(one / step) * step));
}

function cells(spec, layer) {
  if (spec.feature_maps.length) return spec.feature_maps[layer];
  return spec.input_size.map((side) => Math.ceil(side / spec.strides[layer]));
}

function shapes(layer, count, spec) {
  const {min_scale: least, max_scale: most, interpolated_scale_aspect_ratio: between} = spec;
  const scaleOf = (one) => count === 1 ? (least + most) / 2 : least + (most - least) * one / (count - 1);
  const scale = scaleOf(layer);
  if (layer === 0 && spec.reduce_boxes_in_lowest_layer) return [[0.1, 1], [scale, 2], [scale, 0.5]];
  const found = spec.aspect_ratios.map((ratio) => [scale, ratio]);
  if (between) {
    found.push([Math.sqrt(scale * (layer === count - 1 ? 1 : scaleOf(layer + 1))), between]);
  }
  return found;
}
