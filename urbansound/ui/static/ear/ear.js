// Where the loudest 400 ms of every sound are brought to, in LUFS, and how far at most, in dB.
const COMMON_LEVEL = -18
const MOST_UP = 40
const MOST_DOWN = -24
const BENDS_AT = 0.8
const KEPT = 48

let earContext = null
let limiter = null
const buffers = new Map()

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function icon(name, className) {
  const element = make("span", `icon ${className ?? ""}`, name)
  element.setAttribute("aria-hidden", "true")
  return element
}

function gainFor(level) {
  return level === null || level === undefined ? 0 : Math.min(Math.max(COMMON_LEVEL - level, MOST_DOWN), MOST_UP)
}

function factor(decibels) {
  return 10 ** (decibels / 20)
}

// Straight up to 0.8, then bent, so that nothing ever leaves for more than full scale.
function bent(x) {
  const size = Math.abs(x)
  const room = 1 - BENDS_AT
  return size <= BENDS_AT ? x : Math.sign(x) * (BENDS_AT + room * Math.tanh((size - BENDS_AT) / room))
}

function context() {
  if (earContext) return earContext
  earContext = new AudioContext()
  // The curve spans -16 to 16 times full scale, and takes its input divided by that.
  const curve = Float32Array.from({ length: 8193 }, (_, at) => bent((at / 4096 - 1) * 16))
  limiter = new GainNode(earContext, { gain: 1 / 16 })
  limiter.connect(new WaveShaperNode(earContext, { curve })).connect(earContext.destination)
  return earContext
}

// The decoded sound at an address, kept while it is among the latest ones.
function decoded(address) {
  if (!buffers.has(address)) {
    const coming = fetch(address)
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(String(answer.status)))))
      .then((bytes) => context().decodeAudioData(bytes))
    coming.catch(() => buffers.delete(address))
    buffers.set(address, coming)
    if (buffers.size > KEPT) buffers.delete(buffers.keys().next().value)
  }
  return buffers.get(address)
}

// Plays one sound at a time to the sample, and falls silent when anything else on the page plays.
class Ear {
  constructor(onChange) {
    this.onChange = onChange
    this.source = null
    this.wish = 0
    // Whoever starts a sound pauses every <audio>: this one stands for what plays here.
    this.voice = document.body.appendChild(make("audio", "urbansound-ear"))
    this.voice.pause = () => this.stop()
  }

  get isPlaying() {
    return this.source !== null
  }

  // Seconds into the sound.
  get now() {
    if (!this.source) return this.restsAt ?? 0
    const passed = this.from + (context().currentTime - this.since)
    const { duration } = this.source.buffer
    return this.source.loop ? passed % duration : Math.min(passed, duration)
  }

  // Rejects where the sound cannot be had; resolves to false where another wish came first.
  async play(address, { from = 0, level = null, loop = false, onEnd = () => {} } = {}) {
    this.hush()
    const wish = ++this.wish
    const buffer = await decoded(address)
    if (wish !== this.wish) return false
    if (context().state === "suspended") await Promise.race([context().resume(), pause(300)])
    if (wish !== this.wish) return false
    this.quietOthers()
    this.begin(buffer, { from, level, loop, onEnd })
    return true
  }

  begin(buffer, { from, level, loop, onEnd }) {
    const source = new AudioBufferSourceNode(context(), { buffer, loop })
    this.volume = new GainNode(context(), { gain: factor(gainFor(level)) })
    source.connect(this.volume).connect(limiter)
    source.onended = () => {
      if (this.source !== source) return
      this.source = null
      this.restsAt = 0
      this.onChange()
      onEnd()
    }
    this.from = Math.min(from, buffer.duration)
    this.since = context().currentTime
    source.start(0, this.from)
    this.source = source
    this.follow()
  }

  turn(level) {
    if (this.source) this.volume.gain.setTargetAtTime(factor(gainFor(level)), context().currentTime, 0.01)
  }

  hush() {
    const { source } = this
    this.restsAt = this.now
    this.source = null
    source?.stop()
    this.volume?.disconnect()
  }

  stop() {
    this.wish++
    if (!this.source) return
    this.hush()
    this.onChange()
  }

  quietOthers() {
    window.urbansoundPlayer?.stop()
    for (const other of document.querySelectorAll("audio, video")) if (other !== this.voice) other.pause()
  }

  follow() {
    this.onChange()
    if (this.source) requestAnimationFrame(() => this.follow())
  }

  close() {
    this.stop()
    this.voice.remove()
  }
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds))
}

const BUSY =
  "a,button,input,textarea,select,summary,canvas,[contenteditable=true],[role=tab],[role=slider]," +
  "[role=radio],[role=option],[role=dialog],[role=grid],[role=combobox]"

// Calls `act` with a key pressed inside `place`, or anywhere where nothing else wants it.
function listenToKeys(place, act) {
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const path = event.composedPath()
    const isInside = path.includes(place)
    if (!isInside && (!place.isConnected || path.some((node) => node.matches?.(BUSY)))) return
    if (isInside && event.key === " " && path[0].matches?.("button:not(.play), input")) return
    if (isInside && event.key === "Enter") return
    if (act(event.key.toLowerCase())) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  document.addEventListener("keydown", onKey, true)
  return () => document.removeEventListener("keydown", onKey, true)
}

// The component of each place on the page, from its first drawing until it is taken away.
function component(Kind) {
  const kinds = new WeakMap()
  return (given) => {
    const { parentElement } = given
    let kind = kinds.get(parentElement)
    if (!kind) {
      kind = new Kind(parentElement)
      kinds.set(parentElement, kind)
    }
    kind.update(given)
    return () => {
      kind.close()
      kinds.delete(parentElement)
    }
  }
}
