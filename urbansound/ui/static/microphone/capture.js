// The microphone, opened: blocks of mono float samples, untouched by the browser's improvements.
const RATE = 44100

class Capture {
  constructor(onBlock, onLost) {
    this.onBlock = onBlock
    this.onLost = onLost
    this.isClosed = false
  }

  // Asks the person; rejects with the browser's error where there is no microphone to be had.
  async open() {
    const untouched = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { ...untouched, channelCount: 1 } })
    if (this.isClosed) return this.release()
    for (const track of this.stream.getTracks()) track.onended = () => this.isClosed || this.onLost()
    try {
      const source = this.connectAt({ sampleRate: RATE })
      await this.collect(source)
      if (this.context.state === "suspended") await this.context.resume()
    } catch (error) {
      this.close()
      throw error
    }
    if (this.isClosed) this.release()
  }

  get rate() {
    return this.context.sampleRate
  }

  // Firefox does not bring a microphone of another rate to ours: then its own rate it is.
  connectAt(options) {
    try {
      this.context = new AudioContext(options)
      return this.context.createMediaStreamSource(this.stream)
    } catch (error) {
      this.context?.close()
      if (!options) throw error
      return this.connectAt()
    }
  }

  async collect(source) {
    const silent = this.context.createGain()
    silent.gain.value = 0
    this.node = (await this.buildWorklet()) ?? this.buildProcessor()
    source.connect(this.node).connect(silent).connect(this.context.destination)
  }

  async buildWorklet() {
    const address = URL.createObjectURL(new Blob([COLLECTOR], { type: "text/javascript" }))
    try {
      await this.context.audioWorklet.addModule(address)
    } catch {
      return null
    } finally {
      URL.revokeObjectURL(address)
    }
    const mono = { channelCount: 1, channelCountMode: "explicit" }
    const node = new AudioWorkletNode(this.context, "collector", mono)
    node.port.onmessage = ({ data }) => this.hand(data)
    return node
  }

  // For browsers, or rules of a network, that allow no worklet. Its blocks go to the page itself and are lost
  // while that is busy for longer than one lasts, so each lasts 0.2 s.
  buildProcessor() {
    const node = this.context.createScriptProcessor(8192, 1, 1)
    node.onaudioprocess = ({ inputBuffer }) => this.hand(inputBuffer.getChannelData(0).slice())
    return node
  }

  hand(block) {
    if (!this.isClosed) this.onBlock(block)
  }

  close() {
    this.isClosed = true
    this.release()
  }

  release() {
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    if (this.context && this.context.state !== "closed") this.context.close()
  }
}

function toInt16(block) {
  const whole = new Int16Array(block.length)
  block.forEach((sample, at) => (whole[at] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)))))
  return whole
}

// Little-endian 16-bit samples as base64, as fast for five minutes as for one second.
function toBase64(parts) {
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1))
    reader.readAsDataURL(new Blob(parts))
  })
}

// What is to be said, and done, where the browser gives no microphone.
function noSecureMicrophone() {
  if (window.isSecureContext && navigator.mediaDevices?.getUserMedia) return ""
  return (
    `This browser gives the microphone only to pages at localhost or over HTTPS, not to ${location.origin}. ` +
    "Open the app on the computer that runs it, at its localhost address, or let it be served over HTTPS."
  )
}

function whyNot({ name, message }) {
  if (name === "NotAllowedError" && /dismissed/i.test(message)) {
    return "The browser's question was closed without an answer. Press the button again and choose Allow."
  }
  if (name === "NotAllowedError" && /system/i.test(message)) {
    return "This computer keeps the microphone from the browser. Allow it in the system's privacy settings, then press the button again."
  }
  const sentences = {
    NotAllowedError:
      "The microphone is blocked for this page. Allow it by the sign beside the address at the top of the browser, then press the button again.",
    NotFoundError: "No microphone was found. Plug one in or switch it on, then press the button again.",
    NotReadableError:
      "The microphone does not answer: another program may be using it. Close that program, then press the button again.",
    SecurityError: "The page around this one does not allow the microphone. Open the app in a tab of its own.",
  }
  sentences.AbortError = sentences.NotReadableError
  return sentences[name] ?? `The browser could not start the microphone (${name}). Try another microphone or browser.`
}
