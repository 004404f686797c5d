// Listening live: what is new goes to the app when it has dealt with what went before.
const PATIENCE_MS = 5000
const LOST_MS = 20000
// Opening a network for the first time takes seconds, on a slow computer many.
const READY_MS = 120000

class Live extends Desk {
  constructor(root) {
    super(root)
    this.session = null
  }

  faces() {
    return {
      idle: { icon: "hearing", label: "Listen live" },
      asking: { icon: "hearing", label: "Waiting for the browser" },
      on: { icon: "stop", label: "Stop" },
    }
  }

  update(component) {
    super.update(component)
    const { session, number, is_open: isOpen, refused } = this.data
    if (session !== null && session === this.session) {
      if (number >= this.sent && this.inFlight) this.acknowledge()
      if (refused) this.give(refused)
    } else if (isOpen && session !== this.ended) {
      // The app believes that someone listens who has left the page.
      this.ended = session
      this.setTriggerValue("chunk", { session, number: number + 1, start: 0, rate: RATE, pcm: "", is_last: true })
    }
  }

  begin() {
    this.session = `${Date.now()}-${Math.random().toString(36).slice(2)}`
    this.parts = []
    this.n = this.start_at = 0
    this.sent = -1
    this.inFlight = false
    this.behind = null
    this.show("on")
    this.say("Getting ready …")
    this.send()
  }

  hear(block) {
    if (this.board.dataset.state !== "on") return
    this.meter.hear(block)
    this.parts.push(toInt16(block))
    this.n += block.length
    const { rate } = this.capture
    while (this.n > this.data.chunk_limit_s * rate) {
      const { length } = this.parts.shift()
      this.n -= length
      this.start_at += length
    }
    const waited = performance.now() - this.sentAt
    if (this.inFlight && waited > (this.sent === 0 ? READY_MS : LOST_MS)) return this.give("The app no longer answers, so listening has stopped. Reload the page and start again.")
    if (this.inFlight && (this.sent === 0 || waited < PATIENCE_MS)) return
    if (this.n >= this.data.chunk_s * rate) this.send()
  }

  async send(isLast = false) {
    const message = { session: this.session, number: ++this.sent, start: this.start_at, rate: this.capture.rate, is_last: isLast }
    const parts = this.parts
    this.parts = []
    this.start_at += this.n
    this.n = 0
    this.inFlight = true
    this.sentAt = performance.now()
    this.setTriggerValue("chunk", { ...message, pcm: await toBase64(parts) })
  }

  acknowledge() {
    this.inFlight = false
    if (this.sent === 0) return this.say("Listening …")
    const took = performance.now() - this.sentAt
    this.behind = this.behind === null ? took : 0.8 * this.behind + 0.2 * took
    const seconds = (this.data.chunk_s + this.behind / 1000).toFixed(1)
    this.say(`Listening to the last ${this.data.window_s} s. The answer is about ${seconds} s behind.`)
  }

  // Stops for a reason that the person is to read.
  give(reason) {
    this.drop()
    this.say(reason, "trouble")
  }

  lose() {
    this.give("The microphone is gone. Plug it in again and start anew.")
  }

  stop() {
    if (this.board.dataset.state === "asking") return this.drop()
    this.parts = []
    this.n = 0
    this.send(true)
    this.ended = this.session
    this.drop()
  }

  drop() {
    this.session = null
    this.close()
    this.say("Stopped. The microphone is off.")
  }
}
