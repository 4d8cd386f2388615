// A relief turns: drag it, or focus it and press the arrow keys. Of both pages' reliefs.

// `stand` holds the angles `turn` and `tilt` in radians, `limits` the lowest and highest of each.
function turnable(picture, stand, limits, redraw) {
  const KEYS = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.08], ArrowDown: [0, 0.08] };
  let from = null;
  function move(turn, tilt) {
    const within = (value, [low, high]) => Math.min(high, Math.max(low, value));
    stand.turn = within(stand.turn + turn, limits.turn);
    stand.tilt = within(stand.tilt + tilt, limits.tilt);
    redraw();
  }
  picture.classList.add("relief");
  picture.setAttribute("tabindex", "0");
  picture.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointerup", () => {
    from = null;
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from) return;
    move((event.clientX - from[0]) * 0.01, (event.clientY - from[1]) * 0.006);
    from = [event.clientX, event.clientY];
  });
  picture.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    move(...step);
  });
}
