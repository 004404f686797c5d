// Positions are whole numbers from 0 to FULL in both directions, y downwards.
const FULL = 65535
const MARGIN = 28
const CLOSEST = 60

// Which part of the square is seen: its middle, and how many pixels a step is.
class Plane {
  constructor() {
    this.width = this.height = 1
    this.bounds = { left: 0, top: 0, right: FULL, bottom: FULL }
    this.showWhole()
  }

  resize(width, height) {
    const wasWhole = this.isWhole
    this.width = width
    this.height = height
    if (wasWhole) this.showWhole()
    else this.clamp()
  }

  frame(bounds) {
    this.bounds = bounds
    this.showWhole()
  }

  get wholeStep() {
    const { left, top, right, bottom } = this.bounds
    const across = (this.width - 2 * MARGIN) / Math.max(1, right - left)
    const down = (this.height - 2 * MARGIN) / Math.max(1, bottom - top)
    return Math.max(1e-4, Math.min(across, down, (this.width - 2 * MARGIN) / (FULL / 8)))
  }

  get zoom() {
    return this.step / this.wholeStep
  }

  get isWhole() {
    return this.zoom < 1.001
  }

  showWhole() {
    const { left, top, right, bottom } = this.bounds
    this.x = (left + right) / 2
    this.y = (top + bottom) / 2
    this.step = this.wholeStep
  }

  toScreen(x, y) {
    return [(x - this.x) * this.step + this.width / 2, (y - this.y) * this.step + this.height / 2]
  }

  toPlane(left, top) {
    return [(left - this.width / 2) / this.step + this.x, (top - this.height / 2) / this.step + this.y]
  }

  zoomAt(left, top, factor) {
    const [x, y] = this.toPlane(left, top)
    this.step = Math.min(Math.max(this.step * factor, this.wholeStep), this.wholeStep * CLOSEST)
    this.x = x - (left - this.width / 2) / this.step
    this.y = y - (top - this.height / 2) / this.step
    this.clamp()
  }

  panBy(across, down) {
    this.x -= across / this.step
    this.y -= down / this.step
    this.clamp()
  }

  // The middle stays over the clips; the whole map stays in the middle.
  clamp() {
    if (this.isWhole) return this.showWhole()
    const { left, top, right, bottom } = this.bounds
    this.x = Math.min(Math.max(this.x, left), right)
    this.y = Math.min(Math.max(this.y, top), bottom)
  }

  // Bring a place into view, where it is not well inside.
  reveal(x, y) {
    const [left, top] = this.toScreen(x, y)
    const edge = Math.min(60, this.width / 5)
    if (left < edge) this.panBy(edge - left, 0)
    if (left > this.width - edge) this.panBy(this.width - edge - left, 0)
    if (top < edge) this.panBy(0, edge - top)
    if (top > this.height - edge) this.panBy(0, this.height - edge - top)
  }
}
