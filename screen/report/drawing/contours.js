// Level lines on a dose grid, and the isobole in doses.

// Marching squares over cell centres; `project(i, j)` places a grid point.
function contourPath(values, level, project) {
  const parts = [];
  const cross = (a, b, i1, j1, i2, j2) => {
    const share = (level - a) / (b - a);
    return project(i1 + (i2 - i1) * share, j1 + (j2 - j1) * share);
  };
  for (let i = 0; i + 1 < values.length; i++)
    for (let j = 0; j + 1 < values[0].length; j++) {
      const [a, b, c, d] = [values[i][j], values[i][j + 1], values[i + 1][j + 1], values[i + 1][j]];
      if (![a, b, c, d].every(known)) continue;
      const found = [];
      if (a > level !== b > level) found.push(cross(a, b, i, j, i, j + 1));
      if (b > level !== c > level) found.push(cross(b, c, i, j + 1, i + 1, j + 1));
      if (c > level !== d > level) found.push(cross(c, d, i + 1, j + 1, i + 1, j));
      if (d > level !== a > level) found.push(cross(d, a, i + 1, j, i, j));
      for (let k = 0; k + 1 < found.length; k += 2)
        parts.push(`M${found[k].map(round).join(" ")}L${found[k + 1].map(round).join(" ")}`);
    }
  return parts.join("");
}
// The smallest dose at which a course falls to the level, log-interpolated; null when it never does.
function crossing(levels, course, level) {
  for (let at = 0; at < levels.length; at++) {
    if (!known(course[at])) return null;
    if (course[at] > level) continue;
    if (at === 0) return 0;
    const share = (course[at - 1] - level) / (course[at - 1] - course[at]),
      [low, high] = [levels[at - 1], levels[at]];
    return low > 0 ? low * (high / low) ** share : high * share;
  }
  return null;
}
// Points (dose 1, dose 2) of the isobole at a viability, from low to high dose 2, and the single-agent doses.
function isobole(values, one, two, level) {
  const points = [];
  two.forEach((dose, j) => {
    const found = crossing(
      one,
      values.map((line) => line[j]),
      level,
    );
    if (found) points.push([found, dose]);
  });
  one.forEach((dose, i) => {
    const found = crossing(two, values[i], level);
    if (found) points.push([dose, found]);
  });
  points.sort((a, b) => a[1] - b[1] || b[0] - a[0]);
  const unique = points.filter(
    (point, at) =>
      at === 0 ||
      Math.abs(point[0] - points[at - 1][0]) > 1e-6 * point[0] ||
      Math.abs(point[1] - points[at - 1][1]) > 1e-6 * point[1],
  );
  return {
    points: unique,
    alone1: crossing(
      one,
      values.map((line) => line[0]),
      level,
    ),
    alone2: crossing(two, values[0], level),
  };
}
// Geometric mean of the combination index along the isobole, where both drugs alone reach the level.
function combinationIndex({ points, alone1, alone2 }) {
  if (!alone1 || !alone2) return null;
  const inner = points.filter(([a, b]) => a > 0 && b > 0).map(([a, b]) => Math.log(a / alone1 + b / alone2));
  return inner.length ? Math.exp(inner.reduce((sum, item) => sum + item, 0) / inner.length) : null;
}
