const PIXELS_PER_MARK = 72
const DRAG = 6
const SHORTEST_S = 0.05
const NICE_STEPS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]

function clock(seconds) {
  const whole = Math.floor(seconds)
  const two = (number) => String(number).padStart(2, "0")
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

// How far a waveform is zoomed in: by buttons, keys, pinch, Ctrl and wheel. A drag marks a stretch
// while all is shown, or with Shift; else it moves what is shown.
class Zoom {
  constructor(surfer, onChange, onMark) {
    this.surfer = surfer
    this.onChange = onChange
    this.onMark = onMark
    this.wrapper = surfer.getWrapper()
    this.view = this.wrapper.parentElement
    this.pointers = new Map()
    this.dragged = false
    this.view.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    this.view.addEventListener("pointerdown", (event) => this.down(event))
    this.view.addEventListener("pointermove", (event) => this.move(event))
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      this.view.addEventListener(name, (event) => this.up(event))
    }
    this.view.addEventListener("click", (event) => this.refuseAfterDrag(event), true)
  }

  get seconds() {
    return this.surfer.getDuration()
  }

  get scale() {
    return this.wrapper.clientWidth / Math.max(this.surfer.getWidth(), 1)
  }

  get isWhole() {
    return this.scale < 1.01
  }

  // What a peak is wide: closer there would be nothing more to see.
  get closest() {
    return Math.max(1, this.seconds / Math.max(0.25, this.seconds / 120))
  }

  get isClosest() {
    return this.scale > this.closest * 0.99
  }

  // The share of the sound at the view's left and right edge.
  get shown() {
    const width = this.wrapper.clientWidth || 1
    const left = this.surfer.getScroll() / width
    return [left, Math.min(1, left + this.surfer.getWidth() / width)]
  }

  // `x` is where in the view, in pixels, the sound stays in place.
  to(scale, x = this.surfer.getWidth() / 2) {
    if (!this.surfer.getDecodedData()) return
    const wanted = Math.min(Math.max(scale, 1), this.closest)
    const held = (this.surfer.getScroll() + x) / this.wrapper.clientWidth
    this.surfer.zoom(wanted < 1.01 ? 0 : (wanted * this.surfer.getWidth()) / this.seconds)
    this.surfer.setScroll(held * this.wrapper.clientWidth - x)
    this.onChange()
  }

  // So far in that a stretch fills the view but for a little on either side.
  around(start, end) {
    this.to(this.seconds / (1.1 * (end - start)))
    const middle = ((start + end) / 2 / this.seconds) * this.wrapper.clientWidth
    this.surfer.setScroll(middle - this.surfer.getWidth() / 2)
    this.onChange()
  }

  bring(start, end) {
    const [left, right] = this.shown
    const [from, to] = [start / this.seconds, end / this.seconds]
    if (from < left || to > right) {
      this.surfer.setScroll(from * this.wrapper.clientWidth - 0.1 * this.surfer.getWidth())
    }
  }

  marks() {
    const perPixel = this.seconds / (this.wrapper.clientWidth || 1)
    const step = NICE_STEPS.find((nice) => nice > perPixel * PIXELS_PER_MARK) ?? 7200
    return { timeInterval: step, primaryLabelInterval: step, secondaryLabelInterval: step }
  }

  x(event) {
    return event.clientX - this.view.getBoundingClientRect().left
  }

  secondsAt(x) {
    return ((this.surfer.getScroll() + x) / (this.wrapper.clientWidth || 1)) * this.seconds
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    this.to(this.scale * Math.exp(-event.deltaY * 0.004), this.x(event))
  }

  down(event) {
    this.dragged = false
    if (this.isMarking) this.drop()
    this.pointers.set(event.pointerId, this.x(event))
    const marks = event.button === 0 && (this.isWhole || event.shiftKey)
    this.held = { x: this.x(event), scroll: this.surfer.getScroll(), scale: this.scale, apart: this.apart, marks }
  }

  get apart() {
    const [a, b] = [...this.pointers.values()]
    return b === undefined ? null : Math.max(Math.abs(a - b), 10)
  }

  move(event) {
    if (!this.pointers.has(event.pointerId)) return
    this.pointers.set(event.pointerId, this.x(event))
    if (this.apart && this.held.apart) {
      const [a, b] = [...this.pointers.values()]
      this.dragged = true
      this.to((this.held.scale * this.apart) / this.held.apart, (a + b) / 2)
    } else if (this.held.marks) this.mark(event)
    else if (event.pointerType === "mouse" && !this.isWhole) this.pan(this.x(event) - this.held.x)
  }

  pan(pixels) {
    if (Math.abs(pixels) > 4) this.dragged = true
    if (this.dragged) this.surfer.setScroll(this.held.scroll - pixels)
  }

  mark(event) {
    const x = this.x(event)
    if (!this.isMarking && Math.abs(x - this.held.x) < DRAG) return
    if (!this.isMarking) this.view.setPointerCapture(event.pointerId)
    this.isMarking = this.dragged = true
    this.onMark(...this.between(x), false)
  }

  between(x) {
    return [this.held.x, x].sort((a, b) => a - b).map((at) => this.secondsAt(at))
  }

  drop() {
    this.isMarking = false
    this.onMark(0, 0, true)
  }

  up(event) {
    this.pointers.delete(event.pointerId)
    if (!this.isMarking) return
    if (event.type !== "pointerup") return this.drop()
    this.isMarking = false
    this.onMark(...this.between(this.x(event)), true)
  }

  refuseAfterDrag(event) {
    if (this.dragged) event.stopPropagation()
    this.dragged = false
  }
}
