const LARGE_FROM = 7
const ICONS_UP_TO = 250

// What lies over the clips: rings, lines between clips of a recording, the lasso, how much was played.
class Overlay {
  constructor(canvas, map) {
    this.ink = canvas.getContext("2d")
    this.map = map
  }

  draw() {
    const { ratio, plane } = this.map
    this.ink.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.ink.globalAlpha = 1
    this.ink.clearRect(0, 0, plane.width, plane.height)
    this.drawIcons()
    this.drawRecording()
    this.drawLines()
    const radius = this.map.dots.radius(this.map.plane, this.map.clips.n)
    if (this.map.chosen >= 0) this.ring(this.map.chosen, radius + 4, 2.5)
    if (this.map.cursor >= 0 && this.map.cursor !== this.map.chosen) this.ring(this.map.cursor, radius + 3, 1.5)
    if (this.map.pointed >= 0 && this.map.pointed !== this.map.cursor) this.ring(this.map.pointed, radius + 3, 1.5)
    this.drawPlayed(radius + 9)
  }

  // Close by, a mark is large enough to show what it is.
  drawIcons() {
    const radius = this.map.dots.radius(this.map.plane, this.map.clips.n)
    if (this.map.data.color_by !== "class" || radius < LARGE_FROM) return
    const seen = []
    for (let at = 0; at < this.map.clips.n && seen.length <= ICONS_UP_TO; at++) {
      const [left, top] = this.map.spot(at)
      if (left > -20 && top > -20 && left < this.map.plane.width + 20 && top < this.map.plane.height + 20) seen.push([at, left, top])
    }
    if (seen.length > ICONS_UP_TO) return
    this.ink.font = `${Math.round(1.5 * radius)}px "Material Symbols Rounded"`
    this.ink.textAlign = "center"
    this.ink.textBaseline = "middle"
    this.ink.fillStyle = "#fff"
    for (const [at, left, top] of seen) {
      if (!(this.map.mask && !this.map.mask[at])) this.ink.fillText(this.map.data.classes[this.map.clips.classes[at]].icon, left, top)
    }
  }

  // Lines from the chosen clip to the others of its recording.
  drawRecording() {
    const from = this.map.pointed >= 0 && this.map.data.color_by === "recording" ? this.map.pointed : this.map.chosen
    if (from < 0) return
    const { clips } = this.map
    const isKnown = this.joined?.from === from && this.joined.clips === clips
    if (!isKnown) this.joined = { clips, from, to: clips.siblings(from) }
    const [left, top] = this.map.spot(from)
    this.stroke(1, 0.55)
    for (const at of this.joined.to) {
      this.ink.moveTo(left, top)
      this.ink.lineTo(...this.map.spot(at))
    }
    this.ink.stroke()
    const radius = this.map.dots.radius(this.map.plane, this.map.clips.n) + 1.5
    for (const at of this.joined.to) this.ring(at, radius, 1)
  }

  drawLines() {
    const line = this.map.line ?? this.map.polygon
    if (!line) return
    this.stroke(1.5, 0.9)
    line.forEach(([x, y], at) => this.ink[at ? "lineTo" : "moveTo"](...this.map.plane.toScreen(x, y)))
    if (!this.map.line) this.ink.closePath()
    this.ink.setLineDash([5, 4])
    this.ink.stroke()
    this.ink.setLineDash([])
  }

  // How much of the clip has been played, as a ring around it.
  drawPlayed(radius) {
    const { duration, currentTime, paused } = this.map.audio
    if (paused || !(duration > 0) || this.map.playing < 0) return
    const at = this.map.clips.indexOf(this.map.playing)
    if (at < 0) return
    const [left, top] = this.map.spot(at)
    this.ink.beginPath()
    this.ink.globalAlpha = 1
    this.ink.lineWidth = 3
    this.ink.lineCap = "round"
    this.ink.strokeStyle = css(this.map.rule.groups[this.map.groups[at]].color)
    this.ink.arc(left, top, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, currentTime / duration))
    this.ink.stroke()
  }

  stroke(width, alpha) {
    this.ink.beginPath()
    this.ink.strokeStyle = this.map.text
    this.ink.lineWidth = width
    this.ink.globalAlpha = alpha
  }

  ring(at, radius, width) {
    this.stroke(width, 1)
    this.ink.arc(...this.map.spot(at), radius, 0, 2 * Math.PI)
    this.ink.stroke()
  }
}
