// How loud it is: the peak now, the peak held, and in words what that is worth.
const FLOOR_DB = -60
const HOLD_MS = 1500
const CLIP_MS = 3000
const FULL = 0.999

function toDb(peak) {
  return peak > 0 ? 20 * Math.log10(peak) : -Infinity
}

function dbText(db) {
  return db > -120 ? `${db.toFixed(0).replace("-", "\u2212")} dB` : "no sound"
}

class Level {
  constructor() {
    this.peak = 0
    this.atLimit = 0
    this.isClipped = false
  }

  // The block's own peak; three samples in a row at the limit are a clipped sound.
  hear(block) {
    let peak = 0
    for (const sample of block) {
      const size = Math.abs(sample)
      if (size > peak) peak = size
      this.atLimit = size >= FULL ? this.atLimit + 1 : 0
      if (this.atLimit >= 3) this.isClipped = true
    }
    this.peak = Math.max(this.peak, peak)
    return peak
  }
}

class Meter {
  constructor(root) {
    this.element = root.querySelector(".level")
    this.fill = root.querySelector(".fill")
    this.hold = root.querySelector(".hold")
    this.word = root.querySelector(".word")
    this.number = root.querySelector(".db")
    this.rest()
  }

  rest() {
    this.now = this.held = -Infinity
    this.heldAt = this.clippedAt = this.startedAt = -Infinity
    this.element.classList.remove("on")
    this.element.dataset.zone = ""
    this.word.textContent = this.number.textContent = ""
    this.show()
  }

  start(quietDb) {
    this.quietDb = quietDb
    this.element.style.setProperty("--quiet", `${this.share(quietDb)}%`)
    this.element.classList.add("on")
    this.startedAt = performance.now()
  }

  hear(block) {
    const level = new Level()
    const db = toDb(level.hear(block))
    const at = performance.now()
    this.now = Math.max(db, this.now - 1.5)
    if (db >= this.held || at - this.heldAt > HOLD_MS) [this.held, this.heldAt] = [db, at]
    if (level.isClipped) this.clippedAt = at
    this.judge(at)
    this.show()
  }

  judge(at) {
    if (at - this.startedAt < 400) return
    const isClipped = at - this.clippedAt < CLIP_MS
    const zone = isClipped ? "clipped" : this.held === -Infinity ? "none" : this.held < this.quietDb ? "quiet" : "good"
    const words = {
      clipped: "Clipped: move away or turn it down",
      none: "Nothing is heard: is the microphone muted?",
      quiet: "Too quiet: move closer or turn it up",
      good: "Good",
    }
    this.number.textContent = dbText(this.held)
    if (this.element.dataset.zone === zone) return
    this.element.dataset.zone = zone
    this.word.textContent = words[zone]
  }

  share(db) {
    return Math.max(0, Math.min(100, 100 * (1 - db / FLOOR_DB)))
  }

  show() {
    this.fill.style.clipPath = `inset(0 ${100 - this.share(this.now)}% 0 0)`
    this.hold.style.left = `${this.share(this.held)}%`
    this.hold.hidden = this.held <= FLOOR_DB
    this.element.setAttribute("aria-valuenow", Math.round(Math.max(FLOOR_DB, Math.min(0, this.held))))
    this.element.setAttribute("aria-valuetext", `${this.number.textContent} ${this.word.textContent}`)
  }
}
