// What recording and listening share: the button, the meter, what is said, and the microphone.
class Desk {
  constructor(root) {
    this.root = root
    this.board = root.querySelector(".mic")
    this.button = root.querySelector(".go")
    this.cancel = root.querySelector(".cancel")
    this.time = root.querySelector(".time")
    this.said = root.querySelector(".said")
    this.meter = new Meter(root)
    this.capture = null
    this.permission = "prompt"
    this.button.onclick = () => (this.capture ? this.stop() : this.start())
    this.onLeave = () => this.capture && this.drop()
    window.addEventListener("pagehide", this.onLeave)
    this.watchPermission()
  }

  async watchPermission() {
    try {
      const status = await navigator.permissions.query({ name: "microphone" })
      const note = () => {
        this.permission = status.state
        if (!this.capture && !this.hasSaid) this.rest()
      }
      status.onchange = note
      note()
    } catch {
      // Not every browser tells beforehand.
    }
  }

  update({ data, setTriggerValue }) {
    this.data = data
    this.setTriggerValue = setTriggerValue
    if (!this.capture && !this.hasSaid) this.rest()
  }

  // As it stands before anything was asked.
  rest() {
    const trouble = noSecureMicrophone()
    this.button.disabled = Boolean(trouble)
    this.show("idle")
    if (trouble) this.say(trouble, "trouble")
    else if (this.permission === "denied") this.say(whyNot({ name: "NotAllowedError", message: "" }), "trouble")
    else this.say(this.promise())
    this.hasSaid = false
  }

  promise() {
    const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)
    const stays = isHere ? "The sound stays on this computer." : "The sound goes only to the computer that runs this app."
    return this.permission === "granted" ? stays : `Your browser will ask for the microphone. ${stays}`
  }

  async start() {
    for (const other of document.querySelectorAll("audio, video")) other.pause()
    window.urbansoundPlayer?.stop()
    const capture = new Capture((block) => this.hear(block), () => this.lose())
    this.capture = capture
    this.show("asking")
    this.say(this.promise())
    try {
      await capture.open()
    } catch (error) {
      if (this.capture === capture) this.fail(error)
      return
    }
    if (this.capture !== capture) return
    this.meter.start(this.data.quiet_db)
    this.begin()
  }

  fail(error) {
    this.capture = null
    this.show("idle")
    this.say(whyNot(error), "trouble")
  }

  // The microphone off and the meter at rest; what was heard stays with the caller.
  close() {
    this.capture?.close()
    this.capture = null
    this.meter.rest()
    this.show("idle")
  }

  show(state) {
    this.board.dataset.state = state
    const { icon, label } = this.faces()[state]
    this.button.querySelector(".icon").textContent = icon
    this.button.querySelector(".label").textContent = label
    this.time.textContent = state === "on" ? this.time.textContent : ""
  }

  say(text, kind = "") {
    this.hasSaid = true
    if (this.said.textContent !== text) this.said.textContent = text
    this.said.dataset.kind = kind
  }

  unmount() {
    this.onLeave()
    window.removeEventListener("pagehide", this.onLeave)
  }
}
