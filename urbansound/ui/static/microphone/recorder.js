// A take: from Record to Stop, then handed to the app whole.
function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`
}

class Recorder extends Desk {
  constructor(root) {
    super(root)
    this.cancel.classList.add("offered")
    this.cancel.onclick = () => this.drop()
    this.onKey = (event) => {
      if (event.key !== "Escape" || !this.capture) return
      event.preventDefault()
      event.stopPropagation()
      this.drop()
    }
    document.addEventListener("keydown", this.onKey, true)
  }

  faces() {
    return {
      idle: { icon: "mic", label: this.data.has_take ? "Record again" : "Record" },
      asking: { icon: "mic", label: "Waiting for the browser" },
      on: { icon: "stop", label: "Stop" },
    }
  }

  promise() {
    return `${super.promise()} Up to ${this.data.limit_s / 60} minutes; Esc cancels.`
  }

  update(component) {
    super.update(component)
    if (this.awaited && this.data.taken === this.awaited) {
      this.awaited = null
      this.say(this.data.refused || this.summary, this.data.refused ? "trouble" : this.kind)
    }
    if (!this.capture) this.show("idle")
  }

  begin() {
    this.parts = []
    this.n = 0
    this.level = new Level()
    this.show("on")
    this.say("Recording …")
    this.tell()
  }

  hear(block) {
    if (this.board.dataset.state !== "on") return
    this.meter.hear(block)
    this.level.hear(block)
    const room = Math.min(this.data.limit_s * this.capture.rate, this.data.limit_samples) - this.n
    const part = toInt16(block.subarray(0, room))
    this.parts.push(part)
    this.n += part.length
    this.tell()
    if (block.length >= room) this.stop("The limit is reached. ")
  }

  tell() {
    const text = `${clockText(this.n / this.capture.rate)} of ${clockText(this.data.limit_s)}`
    if (this.time.textContent !== text) this.time.textContent = text
  }

  lose() {
    this.stop("The microphone is gone; what it heard until then is kept. ")
  }

  async stop(why = "") {
    const { rate } = this.capture
    const { parts, n, level } = this
    if (this.board.dataset.state === "asking") return this.drop()
    this.close()
    this.parts = []
    if (n < 0.1 * rate) return this.say(`${why}Nothing was recorded: that was too short.`, "trouble")
    this.kind = level.isClipped || toDb(level.peak) < this.data.quiet_db ? "warning" : ""
    this.summary = why + this.verdict(n / rate, rate, level)
    this.say(n / rate > 20 ? `${this.summary} Handing it over …` : this.summary, this.kind)
    const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`
    this.awaited = id
    this.setTriggerValue("take", { id, rate, pcm: await toBase64(parts) })
  }

  verdict(seconds, rate, level) {
    const db = toDb(level.peak)
    const length = seconds < 60 ? `${seconds.toFixed(1)} s` : clockText(seconds)
    if (db === -Infinity) return `Nothing is heard in these ${length}. Is the microphone muted?`
    const facts = `${length} recorded at ${rate / 1000} kHz, peak ${dbText(db)}`
    if (level.isClipped) return `Clipped: ${facts}. Its loudest moments are cut off.`
    if (db < this.data.quiet_db) return `Too quiet: ${facts}. Move closer or turn it up.`
    return `Good: ${facts}.`
  }

  drop() {
    this.close()
    this.parts = []
    this.say(this.data.has_take ? "Cancelled. The take before it is still there." : "Cancelled. Nothing was kept.")
  }

  unmount() {
    super.unmount()
    document.removeEventListener("keydown", this.onKey, true)
  }
}
