const CLICK_PX = { mouse: 5, touch: 10 }
const REACH_PX = { mouse: 14, touch: 24 }
const HINT_MS = 1600

// What the mouse, fingers and keys do on the map; `map` is told in its own words.
class Hand {
  constructor(canvas, map) {
    this.canvas = canvas
    this.map = map
    this.pointers = new Map()
    canvas.addEventListener("pointerdown", (event) => this.down(event))
    canvas.addEventListener("pointermove", (event) => this.move(event))
    canvas.addEventListener("pointerup", (event) => this.up(event))
    canvas.addEventListener("pointercancel", (event) => this.drop(event))
    canvas.addEventListener("pointerleave", () => this.pointers.size || map.point(-1))
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    canvas.addEventListener("keydown", (event) => this.key(event))
    canvas.addEventListener("dblclick", (event) => event.preventDefault())
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  kind(event) {
    return event.pointerType === "mouse" ? "mouse" : "touch"
  }

  down(event) {
    if (event.button !== 0) return
    this.canvas.setPointerCapture(event.pointerId)
    this.pointers.set(event.pointerId, this.place(event))
    this.from = this.place(event)
    this.isClick = this.pointers.size === 1
    const draws = this.map.isLassoing || event.shiftKey
    this.line = draws && this.pointers.size === 1 ? [this.map.plane.toPlane(...this.from)] : null
  }

  move(event) {
    const now = this.place(event)
    const before = this.pointers.get(event.pointerId)
    if (!before) return this.map.point(this.map.at(...now, REACH_PX.mouse))
    const far = Math.hypot(now[0] - this.from[0], now[1] - this.from[1])
    if (this.isClick && far < CLICK_PX[this.kind(event)]) return
    this.isClick = false
    if (this.pointers.size === 2) this.pinch(event.pointerId, now)
    else if (this.line) this.drawLine(now)
    else this.map.pan(now[0] - before[0], now[1] - before[1])
    this.pointers.set(event.pointerId, now)
  }

  pinch(id, now) {
    const before = this.pointers.get(id)
    const [other] = [...this.pointers].filter(([one]) => one !== id).map(([, place]) => place)
    const span = (place) => Math.max(20, Math.hypot(place[0] - other[0], place[1] - other[1]))
    this.line = null
    this.map.zoom(span(now) / span(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2)
    this.map.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2)
  }

  drawLine(now) {
    this.line.push(this.map.plane.toPlane(...now))
    this.map.drawLasso(this.line)
  }

  up(event) {
    if (!this.pointers.has(event.pointerId)) return
    if (this.isClick) this.map.press(this.map.at(...this.place(event), REACH_PX[this.kind(event)]), this.kind(event))
    else if (this.line) this.map.closeLasso(this.line)
    this.drop(event)
  }

  drop(event) {
    this.pointers.delete(event.pointerId)
    this.line = null
    this.isClick = false
    this.map.drawLasso(null)
  }

  // The page scrolls on over a map that nobody has touched.
  wheel(event) {
    const isMeant = event.ctrlKey || event.metaKey || this.canvas.getRootNode().activeElement === this.canvas
    if (!isMeant) return this.hint()
    event.preventDefault()
    const pixels = event.deltaMode ? 16 * event.deltaY : event.deltaY
    this.map.zoom(Math.exp(-Math.max(-120, Math.min(120, pixels)) / (event.ctrlKey ? 100 : 300)), ...this.place(event))
  }

  hint() {
    this.map.hint.classList.add("seen")
    clearTimeout(this.hinted)
    this.hinted = setTimeout(() => this.map.hint.classList.remove("seen"), HINT_MS)
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const acts = {
      Enter: () => this.map.press(this.map.cursor, "keys"),
      " ": () => this.map.press(this.map.cursor, "keys"),
      "+": () => this.map.zoom(1.5),
      "=": () => this.map.zoom(1.5),
      "-": () => this.map.zoom(1 / 1.5),
      0: () => this.map.showWhole(),
      Escape: () => this.map.letGo(),
    }
    const act = event.key in steps ? () => this.map.step(...steps[event.key]) : acts[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
}
