// Where the loudest 400 ms of every sound are brought to, in LUFS, and how far at most, in dB.
const COMMON_LEVEL = -18
const MOST_UP = 40
const MOST_DOWN = -24
const LIMIT = { threshold: -3, knee: 0, ratio: 20, attack: 0.001, release: 0.12 }
// A compressor turns up what it has turned down, by the 0.6th power; that is taken back.
const MADE_UP_DB = 0.6 * (LIMIT.threshold / LIMIT.ratio - LIMIT.threshold)
const BENDS_AT = 0.8

let context = null

function gainFor(level) {
  return level === null ? 0 : Math.min(Math.max(COMMON_LEVEL - level, MOST_DOWN), MOST_UP)
}

function factor(decibels) {
  return 10 ** (decibels / 20)
}

// Straight up to 0.8, then bent, so that nothing ever leaves for more than full scale.
function bent(x) {
  const size = Math.abs(x)
  const room = 1 - BENDS_AT
  return size <= BENDS_AT ? x : Math.sign(x) * (BENDS_AT + 0.9 * room * Math.tanh((size - BENDS_AT) / room))
}

// What is led into it leaves the speakers with its peaks held, never above full scale.
function limiterOf(context) {
  const limiter = new DynamicsCompressorNode(context, LIMIT)
  const curve = Float32Array.from({ length: 4097 }, (_, at) => bent(at / 2048 - 1))
  limiter
    .connect(new GainNode(context, { gain: factor(-MADE_UP_DB) }))
    .connect(new WaveShaperNode(context, { curve }))
    .connect(context.destination)
  return limiter
}

// Turns an <audio> up or down beyond what its own volume can.
class Loudness {
  constructor(audio) {
    this.audio = audio
  }

  // Routed when first asked for, so that a browser that cannot still plays the sound as it is.
  set(decibels) {
    if (!this.audio.gainNode && (decibels === null || !this.route())) return
    const { gainNode } = this.audio
    if (context.state === "suspended") context.resume()
    gainNode.gain.value = factor(decibels ?? 0)
    gainNode.disconnect()
    gainNode.connect(decibels === null ? context.destination : this.limiter)
  }

  route() {
    if (!window.AudioContext) return false
    context ??= new AudioContext()
    this.limiter = limiterOf(context)
    this.audio.gainNode = new GainNode(context)
    context.createMediaElementSource(this.audio).connect(this.audio.gainNode)
    return true
  }

  close() {
    this.audio.gainNode?.disconnect()
    this.limiter?.disconnect()
  }
}
