// Where values lie in a plot, in pixels from its left and its top. Plotly's own positions have no public name, but
// it keeps to the layout's margins (`autoexpand` is off), sizes and axes (all linear), and writes there what one
// zooms to.

const share = ({ range }, value) => (value - range[0]) / (range.at(-1) - range[0]);

// The same over the whole inside of a plot, of which an axis may have a part.
function place(axis, value) {
  const { domain = [0, 1] } = axis;
  return domain[0] + share(axis, value) * (domain.at(-1) - domain[0]);
}

// Plotly gives margins in whole pixels.
function inside(size, before, after) {
  const start = Math.round(before);
  return { start, length: Math.round(size) - start - Math.round(after) };
}

export const isInside = (axis, value) => share(axis, value) >= 0 && share(axis, value) <= 1;

export function pixelsAcross({ width, margin }, xaxis, value) {
  const { start, length } = inside(width, margin.l, margin.r);
  return start + place(xaxis, value) * length;
}

export function pixelsDown({ height, margin }, yaxis, value) {
  const { start, length } = inside(height, margin.t, margin.b);
  return start + (1 - place(yaxis, value)) * length;
}
